package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentSettings;

/**
 * The model that a task runs, by name: the tasks of a JVM share what is loaded for it.
 *
 * @param model absolute path of the base model on every executor, or its URI
 * @param sums what the files of a copied model must be, as in {@link ModelFolder}
 * @param fingerprint what that model must be
 * @param segmentLength tokens a segment
 * @param memoryTokens memory tokens a segment
 * @param shape shape of the adapter
 * @param arithmetic how CPUs compute, whatever each would choose for itself
 */
public record ModelReference(
    String model,
    String sums,
    String fingerprint,
    int segmentLength,
    int memoryTokens,
    AdapterShape shape,
    Arithmetic arithmetic)
    implements Serializable {

  /**
   * The base model of a folder as an adapter was trained for it; tasks have one torch thread.
   *
   * @param memoryTokens of those that the adapter was trained for; empty for the most
   * @throws org.uiospark.model.input.InvalidInputException if it was not trained for them, or for
   *     another model
   */
  public static ModelReference of(
      ModelFolder folder,
      LlamaCheckpoint checkpoint,
      AdapterConfig adapter,
      OptionalInt memoryTokens) {
    adapter.requireBase(checkpoint.fingerprint(), checkpoint.config());
    return new ModelReference(
        folder.name(),
        folder.sums(),
        checkpoint.fingerprint(),
        adapter.segmentLength(),
        adapter.ratios().choose(memoryTokens).memoryTokens(),
        adapter.shape(),
        Arithmetic.here(1));
  }

  /** The same model for so many tasks: where they are few, each uses cores that would idle. */
  public ModelReference forTasks(JavaSparkContext spark, int tasks) {
    return withThreads(IdleCores.ofTask(spark, tasks));
  }

  /** The same model with other torch threads. */
  public ModelReference withThreads(int threads) {
    return new ModelReference(
        model, sums, fingerprint, segmentLength, memoryTokens, shape, arithmetic.with(threads));
  }

  /** How text is cut and compressed. */
  public SegmentSettings segments() {
    return new SegmentSettings(segmentLength, memoryTokens);
  }
}
