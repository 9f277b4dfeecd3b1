package org.uiospark.jobs.audit;

/**
 * Options that an adapter folder answers too: null where the command line does not have them.
 *
 * @param segmentLength tokens a segment
 * @param memoryTokens memory tokens a segment
 * @param alpha LoRA alpha
 */
public record GivenOptions(Integer segmentLength, Integer memoryTokens, Double alpha) {}
