package org.uiospark.model.adapter;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/**
 * {@code adapter_config.json}: how an adapter is used, and with which model.
 *
 * @param formatVersion version of this file, {@link #FORMAT_VERSION}
 * @param segmentLength tokens a segment it was trained with
 * @param memoryTokens numbers of memory tokens a segment it was trained with, ascending; in the
 *     file one is a number, several are a list
 * @param loraRank LoRA rank r
 * @param loraAlpha LoRA alpha
 * @param repeatEmbedding whether it has a {@code <repeat>} vector
 * @param baseModel the model it belongs to
 * @param provenance how it came about: JSON values by key
 */
@JsonNaming(SnakeCaseStrategy.class)
public record AdapterConfig(
    int formatVersion,
    int segmentLength,
    @JsonFormat(
            with = {
              JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
              JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED
            })
        List<Integer> memoryTokens,
    int loraRank,
    double loraAlpha,
    boolean repeatEmbedding,
    BaseModel baseModel,
    Map<String, Object> provenance) {
  /** The version that this code writes and reads. */
  public static final int FORMAT_VERSION = 1;

  /**
   * The model that an adapter belongs to.
   *
   * @param name what the user called it, for people
   * @param fingerprint {@link org.uiospark.model.llama.LlamaCheckpoint#fingerprint}
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record BaseModel(
      String name,
      String fingerprint,
      int hiddenSize,
      int layers,
      int queryWidth,
      int keyValueWidth,
      int vocabSize) {
    /** Checks that the texts are there. */
    public BaseModel {
      if (name == null || fingerprint == null) {
        throw new InvalidInputException("base_model needs a name and a fingerprint");
      }
    }

    /** The entry for a model. */
    public static BaseModel of(String name, String fingerprint, LlamaConfig config) {
      return new BaseModel(
          name,
          fingerprint,
          config.hiddenSize(),
          config.layers(),
          config.queryWidth(),
          config.keyValueWidth(),
          config.vocabSize());
    }
  }

  /** Checks the version and every size. */
  public AdapterConfig {
    if (formatVersion != FORMAT_VERSION) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "format_version %d is not supported; supported: %d",
              formatVersion,
              FORMAT_VERSION));
    }
    if (baseModel == null) {
      throw new InvalidInputException("base_model is missing");
    }
    provenance =
        provenance == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    if (memoryTokens == null || memoryTokens.stream().anyMatch(Objects::isNull)) {
      throw new InvalidInputException("memory_tokens is no whole number, nor a list of them");
    }
    memoryTokens = new SegmentRatios(segmentLength, memoryTokens).memoryTokens();
    shape(baseModel, loraRank, loraAlpha, repeatEmbedding);
  }

  /** The configuration of an adapter of this format version that was trained for one ratio. */
  public static AdapterConfig of(
      BaseModel baseModel,
      SegmentSettings settings,
      AdapterShape shape,
      Map<String, Object> provenance) {
    return of(baseModel, SegmentRatios.of(settings), shape, provenance);
  }

  /** The same of an adapter that was trained for some ratios. */
  public static AdapterConfig of(
      BaseModel baseModel,
      SegmentRatios ratios,
      AdapterShape shape,
      Map<String, Object> provenance) {
    return new AdapterConfig(
        FORMAT_VERSION,
        ratios.segmentLength(),
        ratios.memoryTokens(),
        shape.rank(),
        shape.alpha(),
        shape.repeat(),
        baseModel,
        provenance);
  }

  /** The layout of its tensors. */
  public AdapterShape shape() {
    return shape(baseModel, loraRank, loraAlpha, repeatEmbedding);
  }

  /** Segment length and numbers of memory tokens. */
  public SegmentRatios ratios() {
    return new SegmentRatios(segmentLength, memoryTokens);
  }

  /** Segment length and the most memory tokens. */
  public SegmentSettings settings() {
    return ratios().most();
  }

  private static AdapterShape shape(BaseModel base, int rank, double alpha, boolean repeat) {
    return new AdapterShape(
        base.layers(),
        base.hiddenSize(),
        base.queryWidth(),
        base.keyValueWidth(),
        rank,
        alpha,
        repeat);
  }

  /**
   * Refuses any model but the one that the adapter was trained on.
   *
   * @param fingerprint of the model at hand
   * @param config of the model at hand
   * @throws InvalidInputException with the differences
   */
  public void requireBase(String fingerprint, LlamaConfig config) {
    List<String> differences = new ArrayList<>();
    compare(differences, "hidden_size", baseModel.hiddenSize(), config.hiddenSize());
    compare(differences, "layers", baseModel.layers(), config.layers());
    compare(differences, "query_width", baseModel.queryWidth(), config.queryWidth());
    compare(differences, "key_value_width", baseModel.keyValueWidth(), config.keyValueWidth());
    compare(differences, "vocab_size", baseModel.vocabSize(), config.vocabSize());
    if (differences.isEmpty() && !baseModel.fingerprint().equals(fingerprint)) {
      differences.add(
          String.format(
              Locale.ROOT,
              "weights have fingerprint %s, the model has %s",
              brief(baseModel.fingerprint()),
              brief(fingerprint)));
    }
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "the adapter belongs to another model (%s): %s; use the model it was trained on",
              baseModel.name(),
              String.join(", ", differences)));
    }
  }

  private static void compare(List<String> differences, String key, int adapter, int model) {
    if (adapter != model) {
      differences.add(String.format(Locale.ROOT, "%s %d, the model has %d", key, adapter, model));
    }
  }

  private static String brief(String fingerprint) {
    return fingerprint.substring(0, Math.min(12, fingerprint.length()));
  }
}
