package org.uiospark.jobs.evaluate;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.settings.HeldOutSettings;
import org.uiospark.jobs.task.FittingData;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SequenceEvaluation;
import org.uiospark.model.segment.SequenceLoss;

/**
 * The loss with memory over the first sequences of a held-out data set, by which checkpoints are
 * compared; the same bits for any number of executors.
 */
public final class HeldOutLoss {
  private final JavaSparkContext spark;
  private final ModelReference model;
  private final TaskData data;
  private final List<Long> indices;

  /**
   * The loss of one sequence.
   *
   * @param sum over its valid labels, in nats
   * @param labels how many those are
   */
  private record Loss(double sum, long labels) implements Serializable {}

  private HeldOutLoss(
      JavaSparkContext spark, ModelReference model, TaskData data, List<Long> indices) {
    this.spark = spark;
    this.model = model;
    this.data = data;
    this.indices = indices;
  }

  /**
   * Opens the data set.
   *
   * @throws InvalidInputException if it is none, is empty, or was prepared with another tokenizer
   */
  public static HeldOutLoss open(
      JavaSparkContext spark, ModelReference model, FittingData fitting, HeldOutSettings settings) {
    SequenceDataSet data = fitting.open(settings.data(), spark.hadoopConfiguration());
    return new HeldOutLoss(
        spark,
        model,
        TaskData.of(data, spark.hadoopConfiguration()),
        LongStream.range(0, Math.min(settings.sequences(), data.size())).boxed().toList());
  }

  /** Tokens of the longest sequence that the data set may hold. */
  public long longestText() {
    return data.description().longestSequence();
  }

  /**
   * Mean loss of a valid label, in nats.
   *
   * @throws InvalidInputException if no sequence has a valid label, or the loss is not finite
   */
  public double of(Adapter adapter) {
    double sum = 0;
    long labels = 0;
    try (SentAdapter sent = new SentAdapter(spark, model, adapter)) {
      for (Loss loss : sent.each(indices, new SequenceWork(data))) {
        sum += loss.sum();
        labels += loss.labels();
      }
    }
    if (labels == 0 || !Double.isFinite(sum)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "held-out data set %s gives the loss %s over %d valid labels; name another --held-out",
              data.description().uri(),
              sum,
              labels));
    }
    return sum / labels;
  }

  /** The loss with memory of one sequence. */
  private record SequenceWork(TaskData data) implements Subject.Work<Long, Loss> {
    @Override
    public Loss of(MemoryModel model, DeviceAdapter adapter, Long index) {
      SequenceLoss loss = new SequenceEvaluation(model).withMemory(adapter, data.sequence(index));
      return new Loss(loss.sum(), loss.validLabels());
    }
  }
}
