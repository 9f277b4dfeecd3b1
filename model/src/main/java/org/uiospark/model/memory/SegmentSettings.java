package org.uiospark.model.memory;

import org.uiospark.model.InvalidInputException;

/**
 * How text is cut and compressed.
 *
 * @param segmentLength tokens a segment, l
 * @param memoryTokens memory tokens a segment, m; divides l
 */
public record SegmentSettings(int segmentLength, int memoryTokens) {
  /** Checks both, and that m divides l. */
  public SegmentSettings {
    if (segmentLength < 1) {
      throw new InvalidInputException(
          "segment-length " + segmentLength + " is out of range: at least 1");
    }
    if (memoryTokens < 1) {
      throw new InvalidInputException(
          "memory-tokens " + memoryTokens + " is out of range: at least 1");
    }
    if (segmentLength % memoryTokens != 0) {
      throw new InvalidInputException(
          "segment-length %d is not divisible by memory-tokens %d; choose a divisor"
              .formatted(segmentLength, memoryTokens));
    }
  }
}
