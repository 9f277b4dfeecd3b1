package org.uiospark.jobs.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of {@code metrics.jsonl}.
 *
 * @param step steps taken, this one included
 * @param epoch passes over the data set before this batch, from 0
 * @param loss mean loss of a valid label, in nats, before the update: its cross-entropy, or what
 *     distillation makes of it
 * @param losses the same by objective, of those that have a valid label in the batch
 * @param tokens tokens read
 * @param labels labels that counted
 * @param seconds the whole step
 * @param tokensPerSecond tokens over seconds
 * @param gradNorm global norm of the gradient before clipping
 * @param lr learning rate
 * @param broadcastSeconds sending the adapter out
 * @param computeSeconds time that the slowest lane spent on its gradient, as it measured itself
 * @param sparkSeconds the step less that: broadcast, scheduling, results, aggregation and update;
 *     where the cluster has fewer slots than the batch has lanes, waiting for a slot as well
 * @param aggregateSeconds adding the gradients on the driver
 * @param updateSeconds checking, clipping and AdamW
 * @param heldOutLoss mean loss of a held-out label, in nats, after the update; null, and left out,
 *     where it was not measured
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonPropertyOrder({"step", "epoch", "loss", "losses", "tokens", "labels", "seconds"})
public record StepMetrics(
    long step,
    long epoch,
    double loss,
    Map<String, Double> losses,
    long tokens,
    long labels,
    double seconds,
    double tokensPerSecond,
    double gradNorm,
    double lr,
    double broadcastSeconds,
    double computeSeconds,
    double sparkSeconds,
    double aggregateSeconds,
    double updateSeconds,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double heldOutLoss) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** All but the step, by their names in {@code metrics.jsonl}; {@code losses/lm} and so on. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    JSON.<JsonNode>valueToTree(this)
        .properties()
        .forEach(field -> values.put(field.getKey(), field.getValue().asDouble()));
    values.remove("step");
    values.remove("losses");
    losses.forEach((objective, mean) -> values.put("losses/" + objective, mean));
    return values;
  }

  StepMetrics withHeldOutLoss(double measured) {
    return new StepMetrics(
        step,
        epoch,
        loss,
        losses,
        tokens,
        labels,
        seconds,
        tokensPerSecond,
        gradNorm,
        lr,
        broadcastSeconds,
        computeSeconds,
        sparkSeconds,
        aggregateSeconds,
        updateSeconds,
        measured);
  }
}
