package org.uiospark.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.evaluate.reading.ChunkWork;
import org.uiospark.jobs.evaluate.reading.Read;
import org.uiospark.jobs.evaluate.reading.ReadText;
import org.uiospark.jobs.evaluate.reading.ReadingJob;
import org.uiospark.jobs.settings.HeldOutSettings;
import org.uiospark.jobs.task.FittingData;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.MemoryBank;
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
  private List<ReadText> texts;

  /** Those of the segments of a chunk: its sums, in nats, and how many labels are valid. */
  private record Losses(ArrayList<Double> sums, ArrayList<Long> labels) implements Serializable {}

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
      for (Read<Losses> read :
          new ReadingJob(spark, data).read(sent.model(), texts(), new MemoryLosses())) {
        SequenceLoss loss = whole(read);
        sum += loss.sum();
        labels += loss.validLabels();
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

  /** Measured once, when they are first asked for: steps taken before are not lost with them. */
  private List<ReadText> texts() {
    if (texts == null) {
      List<Integer> tokens = new ReadingJob(spark, data).lengths(indices);
      texts =
          IntStream.range(0, tokens.size())
              .mapToObj(
                  i -> ReadText.of(indices.get(i), (tokens.get(i) - 1) / model.segmentLength() + 1))
              .toList();
    }
    return texts;
  }

  private static SequenceLoss whole(Read<Losses> read) {
    return new SequenceLoss(
        read.chunks().stream().flatMap(chunk -> chunk.sums().stream()).toList(),
        read.chunks().stream().flatMap(chunk -> chunk.labels().stream()).toList());
  }

  /** The losses with memory of a chunk. */
  private record MemoryLosses() implements ChunkWork<Losses> {
    @Override
    public Losses of(
        SequenceEvaluation text, SequenceChunk chunk, MemoryBank memories, double encodeSeconds) {
      SequenceLoss loss = text.withMemory(memories, chunk.from(), chunk.to());
      return new Losses(new ArrayList<>(loss.sums()), new ArrayList<>(loss.labels()));
    }
  }
}
