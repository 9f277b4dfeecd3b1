package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import java.util.List;

/**
 * What was read of a sequence.
 *
 * @param chunks what was measured of each, in their order
 * @param target loss of the target behind each of the counts of memories, in nats
 */
public record Read<O extends Serializable>(List<O> chunks, List<Double> target) {}
