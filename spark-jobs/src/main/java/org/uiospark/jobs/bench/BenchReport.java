package org.uiospark.jobs.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaConfig;

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
   */
  record Sizes(
      LlamaConfig model,
      int adapterValues,
      int segmentLength,
      int memoryTokens,
      int rank,
      double alpha,
      int window,
      int samples,
      long seed,
      String master,
      int tasks,
      int batch) {

    static Sizes of(
        MemoryModel model, BenchSettings settings, String master, int tasks, int batch) {
      return new Sizes(
          model.base().config(),
          model.shape().size(),
          model.segments().segmentLength(),
          model.segments().memoryTokens(),
          model.shape().rank(),
          model.shape().alpha(),
          settings.window(),
          settings.samples(),
          settings.seed(),
          master,
          tasks,
          batch);
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
