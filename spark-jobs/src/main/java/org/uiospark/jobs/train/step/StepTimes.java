package org.uiospark.jobs.train.step;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Where the time of a step went, in seconds.
 *
 * @param broadcastSeconds sending the adapter out
 * @param computeSeconds time that the slowest lane spent on its gradient, as it measured itself
 * @param sparkSeconds the step less that: broadcast, scheduling, results, aggregation and update;
 *     where the cluster has fewer slots than the batch has lanes, waiting for a slot as well
 * @param aggregateSeconds from when the last lane left its gradient, in the shuffle or on the
 *     driver, until their mean is there
 * @param updateSeconds checking, clipping and AdamW
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StepTimes(
    double broadcastSeconds,
    double computeSeconds,
    double sparkSeconds,
    double aggregateSeconds,
    double updateSeconds) {}
