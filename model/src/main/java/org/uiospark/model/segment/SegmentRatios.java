package org.uiospark.model.segment;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.uiospark.model.input.InvalidInputException;

/**
 * The ratios l / m that one adapter is trained for: nothing in its shape depends on m, so each
 * sequence may have another.
 *
 * @param segmentLength tokens a segment, l
 * @param memoryTokens numbers of memory tokens a segment, m, ascending; each divides l
 */
public record SegmentRatios(int segmentLength, List<Integer> memoryTokens) implements Serializable {

  /** Puts them in order, and refuses none, one that does not divide l, and one given twice. */
  public SegmentRatios {
    memoryTokens = memoryTokens.stream().sorted().toList();
    for (int each : memoryTokens) {
      new SegmentSettings(segmentLength, each);
    }
    if (memoryTokens.isEmpty() || memoryTokens.stream().distinct().count() < memoryTokens.size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "memory-tokens '%s' is out of range: one or more divisors of segment-length %d, each once",
              text(memoryTokens),
              segmentLength));
    }
  }

  /** One ratio alone. */
  public static SegmentRatios of(SegmentSettings only) {
    return new SegmentRatios(only.segmentLength(), List.of(only.memoryTokens()));
  }

  /** That of the most memory tokens, which takes the most memory and compresses least. */
  public SegmentSettings most() {
    return at(memoryTokens.size() - 1);
  }

  /**
   * One of them.
   *
   * @param wanted memory tokens a segment; empty for the most
   * @throws InvalidInputException that lists them, if it is none
   */
  public SegmentSettings choose(OptionalInt wanted) {
    int chosen = wanted.orElse(most().memoryTokens());
    if (!memoryTokens.contains(chosen)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "memory-tokens %d is none that the adapter was trained for; give one of %s",
              chosen,
              text()));
    }
    return new SegmentSettings(segmentLength, chosen);
  }

  /** Draws one, each as likely as any other. */
  public SegmentSettings draw(SplittableRandom random) {
    return at(random.nextInt(memoryTokens.size()));
  }

  private SegmentSettings at(int place) {
    return new SegmentSettings(segmentLength, memoryTokens.get(place));
  }

  /** The numbers of memory tokens as an option takes them, such as {@code 4,8,16}. */
  public String text() {
    return text(memoryTokens);
  }

  private static String text(List<Integer> memoryTokens) {
    return memoryTokens.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
