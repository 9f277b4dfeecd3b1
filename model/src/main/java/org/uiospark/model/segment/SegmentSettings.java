package org.uiospark.model.segment;

import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * How text is cut and compressed.
 *
 * @param segmentLength tokens a segment, l
 * @param memoryTokens memory tokens a segment, m; divides l
 */
public record SegmentSettings(int segmentLength, int memoryTokens) {
  /** The most values of a tensor that passes through the JVM: 2 GiB of float32. */
  private static final int MOST = 1 << 29;

  /** Checks both, that m divides l, and that the mask of the memory tokens can be made. */
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
          String.format(
              Locale.ROOT,
              "segment-length %d is not divisible by memory-tokens %d; choose a divisor",
              segmentLength,
              memoryTokens));
    }
    if (memoryTokens * ((long) segmentLength + memoryTokens) > MOST) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "segment-length %d with memory-tokens %d is too long: what each memory token sees takes over %d values; lower either",
              segmentLength,
              memoryTokens,
              MOST));
    }
  }
}
