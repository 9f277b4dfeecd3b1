package org.uiospark.model.memory;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;
import java.util.Locale;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What memories are made with: no others can be read in their place.
 *
 * @param baseModel fingerprint of the base model
 * @param adapter fingerprint of the adapter
 * @param segmentLength tokens a segment, l
 * @param memoryTokens memory tokens a segment, m
 */
@JsonNaming(SnakeCaseStrategy.class)
public record MemoryOrigin(String baseModel, String adapter, int segmentLength, int memoryTokens)
    implements Serializable {
  private static final int BRIEF = 12;

  /**
   * That of an adapter on its base.
   *
   * @param baseModel fingerprint of the base model
   */
  public static MemoryOrigin of(String baseModel, Adapter adapter, SegmentSettings segments) {
    return new MemoryOrigin(
        baseModel, adapter.fingerprint(), segments.segmentLength(), segments.memoryTokens());
  }

  /**
   * Refuses memories of any other.
   *
   * @param where they lie, for the message
   * @param there what those were made with
   * @throws InvalidInputException that says what differs
   */
  public void require(String where, MemoryOrigin there) {
    if (!baseModel.equals(there.baseModel)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s was made with another base model (fingerprint %s, the model has %s); use that model, or memorize the text again",
              where,
              brief(there.baseModel),
              brief(baseModel)));
    }
    if (!adapter.equals(there.adapter)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s was made with another adapter (fingerprint %s, this one has %s); use that adapter, or memorize the text again",
              where,
              brief(there.adapter),
              brief(adapter)));
    }
    if (segmentLength != there.segmentLength || memoryTokens != there.memoryTokens) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has %d memory tokens for a segment of %d, asked for are %d for %d; give --memory-tokens %d, or memorize the text again",
              where,
              there.memoryTokens,
              there.segmentLength,
              memoryTokens,
              segmentLength,
              there.memoryTokens));
    }
  }

  private static String brief(String fingerprint) {
    return fingerprint.substring(0, Math.min(BRIEF, fingerprint.length()));
  }
}
