package org.uiospark.jobs.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What {@code bench} prints.
 *
 * @param machine where the driver ran
 * @param versions of this program, Java, Spark, DJL and libtorch
 * @param sizes what was measured
 * @param productRate matrix products alone
 * @param results a measurement for each length and estimator
 * @param byLength each further length against the first
 */
public record BenchReport(
    Machine machine,
    Map<String, String> versions,
    Sizes sizes,
    Rates productRate,
    List<Result> results,
    List<LengthRatio> byLength) {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  /** Everything in one JSON document. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report of plain records", e);
    }
  }

  /**
   * Sizes of the run, under the names of the options.
   *
   * @param model sizes of the base model
   * @param adapterValues values that the adapter learns
   * @param segments segment length and memory tokens
   * @param lora rank and alpha
   * @param draws window and samples of the estimators
   * @param seed what tokens, weights and draws follow from
   * @param load where, and how much at once
   */
  record Sizes(
      Map<String, Object> model,
      int adapterValues,
      @JsonUnwrapped SegmentSettings segments,
      @JsonUnwrapped Lora lora,
      @JsonUnwrapped Draws draws,
      long seed,
      @JsonUnwrapped Load load) {

    record Lora(int rank, double alpha) {}

    record Draws(int window, int samples) {}

    /**
     * What a step loads Spark with.
     *
     * @param master of Spark
     * @param tasks tasks at once
     * @param batch sequences a step
     */
    record Load(String master, int tasks, int batch) {}

    static Sizes of(
        MemoryModel model, BenchSettings settings, String master, int tasks, int batch) {
      return new Sizes(
          sizes(model.base().config()),
          model.shape().size(),
          model.segments(),
          new Lora(model.shape().rank(), model.shape().alpha()),
          new Draws(settings.estimators().window(), settings.estimators().samples()),
          settings.seed(),
          new Load(master, tasks, batch));
    }

    private static Map<String, Object> sizes(LlamaConfig config) {
      Map<String, Object> sizes = new LinkedHashMap<>();
      sizes.put("hidden_size", config.hiddenSize());
      sizes.put("intermediate_size", config.intermediateSize());
      sizes.put("layers", config.layers());
      sizes.put("heads", config.attention().heads());
      sizes.put("kv_heads", config.attention().kvHeads());
      sizes.put("head_dim", config.attention().headDim());
      sizes.put("vocab_size", config.vocabSize());
      sizes.put("rms_norm_eps", config.rmsNormEps());
      sizes.put("rope_theta", config.rotary().theta());
      sizes.put("max_position_embeddings", config.rotary().maxPositions());
      sizes.put("tie_word_embeddings", config.vocabulary().tied());
      sizes.put("bos_token_id", config.vocabulary().bosTokenId());
      sizes.put("eos_token_ids", config.vocabulary().eosTokenIds());
      sizes.put("rope_scaling", config.rotary().scaling());
      sizes.put("attention_bias", config.attention().bias());
      sizes.put("query_key_norm", config.attention().queryKeyNorm());
      sizes.put("sliding_window", config.attention().slidingWindow());
      return sizes;
    }
  }

  /**
   * One length and estimator.
   *
   * @param estimator its name, {@code -flat} behind it if no encoder graph was kept
   * @param segments segments of the sequence
   * @param work what a sequence asks for
   * @param inProcess null if not measured
   * @param spark null if not measured
   */
  record Result(
      String estimator,
      int segments,
      Work work,
      InProcess.Figures inProcess,
      SparkPath.Figures spark) {}
}
