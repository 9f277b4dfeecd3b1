package org.uiospark.jobs.train.step;

import java.util.Map;

/**
 * What a global batch held, and how well the adapter predicted it.
 *
 * @param loss mean loss of a valid label, in nats: its cross-entropy, or what distillation makes of
 *     it
 * @param losses the same by objective, of those that have a valid label in the batch
 * @param tokens tokens read
 * @param labels labels that counted
 */
public record BatchLoss(double loss, Map<String, Double> losses, long tokens, long labels) {}
