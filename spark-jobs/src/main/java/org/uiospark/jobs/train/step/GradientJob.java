package org.uiospark.jobs.train.step;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.exchange.LaneExchange;
import org.uiospark.jobs.task.FloatVector;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.jobs.train.reduce.OrderedReduce;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.NonFiniteException;

/**
 * The Spark job of a step: the adapter goes out, a task a lane computes its gradient, the ordered
 * reduce adds them in lane order, and their mean comes back.
 *
 * <p>There is no barrier: a task that is lost is run again.
 */
public final class GradientJob {
  private static final Logger LOG = LoggerFactory.getLogger(GradientJob.class);

  private final JavaSparkContext spark;
  private final LaneSettings settings;
  private final Broadcast<TrainingData> data;
  private final CollectSize collect;
  private final StepWatch watch;
  private final float[] mean;
  private CompletableFuture<Void> forgotten = CompletableFuture.completedFuture(null);

  /**
   * What a step gave.
   *
   * @param mean gradient of the mean loss over the valid labels of the global batch; the next step
   *     overwrites it
   * @param norm of the mean
   * @param batch what the lanes read and lost
   * @param broadcastSeconds sending the adapter out
   * @param computeSeconds that the slowest lane spent on its gradient
   * @param reduceSeconds from when the last lane left its gradient, in the shuffle or on the
   *     driver, until their mean is there
   */
  record Outcome(
      float[] mean,
      double norm,
      BatchLoss batch,
      double broadcastSeconds,
      double computeSeconds,
      double reduceSeconds) {}

  /**
   * @param data sent to the executors once for all steps
   * @param collect says whether the driver takes the gradients of a step itself
   * @param watch ends a step that takes too long
   */
  public GradientJob(
      JavaSparkContext spark,
      LaneSettings settings,
      TrainingData data,
      CollectSize collect,
      StepWatch watch) {
    this.spark = spark;
    this.settings = settings;
    this.data = spark.broadcast(data);
    this.collect = collect;
    this.watch = watch;
    this.mean = new float[settings.model().shape().size()];
  }

  /**
   * Runs the job.
   *
   * @param step counted from 0
   * @param sequences indices of the global batch in the {@link TrainingData}
   * @throws NonFiniteException if a loss or gradient is not finite, naming step and sequence
   * @throws InvalidInputException if a lane refused its input, or no label of the batch counts
   * @throws IllegalStateException naming the sequences of a lane if its task fails again and again
   */
  Outcome run(long step, long[] sequences, Adapter adapter) {
    List<Lane> lanes = lanes(step + 1, sequences);
    long begin = System.nanoTime();
    // The blocks of the step before are gone before this one's are made.
    forgotten.join();
    Broadcast<FloatVector> values = spark.broadcast(new FloatVector(adapter.values()));
    long sent = System.nanoTime();
    OrderedReduce reduce = new OrderedReduce(lanes.size(), mean, collect);
    try {
      LaneContext context = new LaneContext(settings, step, lanes.size(), values, data);
      watch.run(step + 1, () -> run(lanes, context, reduce));
    } catch (Exception e) {
      // Scala declares no exceptions, so the compiler knows of no SparkException here.
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "step %d: %s; the adapter was not updated",
              step + 1,
              failure(step + 1, lanes, reduce, e)),
          e);
    }
    double reduceSeconds = reduceSeconds(step + 1, reduce);
    // Only after success, while the driver updates: what it waits for is other machines. Not on the
    // threads that the update shares.
    forgotten = CompletableFuture.runAsync(() -> forget(values), work -> new Thread(work).start());
    BatchReport batch =
        new BatchReport(step + 1, reduce.reports().stream().map(LaneReport::decode).toList());
    double norm = reduce.norm();
    batch.requireUseful(reduce.uselessLane(), norm);
    return new Outcome(
        mean, norm, batch.loss(), (sent - begin) / 1e9, batch.computeSeconds(), reduceSeconds);
  }

  /**
   * The stages of the step, which Spark runs when the reduce asks for what the last one of them
   * leaves. Where a sequence is cut there are two before that.
   */
  private OrderedReduce run(List<Lane> lanes, LaneContext context, OrderedReduce reduce) {
    JavaRDD<Lane> all = spark.parallelize(lanes, lanes.size());
    if (lanes.stream().allMatch(Lane::isWhole)) {
      LaneTask task = new LaneTask(context);
      return reduce.run(all.mapPartitions(lane -> task.gradient(lane.next())));
    }
    ChunkTask task = new ChunkTask(context);
    LaneExchange memories = new LaneExchange(all.mapPartitions(lane -> task.encode(lane.next())));
    LaneExchange towards =
        new LaneExchange(
            all.zipPartitions(
                memories.inboxes(), (lane, inbox) -> task.decode(lane.next(), inbox.next())));
    try {
      return reduce.run(
          all.zipPartitions(
              towards.inboxes(), (lane, inbox) -> task.back(lane.next(), inbox.next())));
    } finally {
      memories.forget();
      towards.forget();
    }
  }

  private List<Lane> lanes(long step, long[] sequences) {
    if (settings.chunkSegments() == 0) {
      return Lane.whole(sequences, settings.laneSequences());
    }
    Iterator<Integer> chunks = watch.run(step, () -> chunks(sequences)).iterator();
    return Lane.inChunks(sequences, index -> chunks.next());
  }

  /** Tasks read the sequences to see how long they are: no data comes to the driver. */
  private List<Integer> chunks(long[] sequences) {
    Broadcast<TrainingData> sent = data;
    int length = settings.model().segmentLength();
    int chunkSegments = settings.chunkSegments();
    return spark
        .parallelize(Arrays.stream(sequences).boxed().toList())
        .map(index -> TaskAnswer.of(() -> chunks(sent.value(), index, length, chunkSegments)))
        .collect()
        .stream()
        .map(TaskAnswer::orRefuse)
        .toList();
  }

  /** Auto-encoded segments do not meet, so their sequences stay whole. */
  private static int chunks(TrainingData data, long index, int length, int chunkSegments) {
    return data.objective(index) == Objective.AE
        ? 1
        : SequenceChunk.count(data.sequence(index).segments(length), chunkSegments);
  }

  /** Waits until the executors have let go of it: the next one needs its room. */
  private static void forget(Broadcast<?> values) {
    try {
      values.destroy(true);
    } catch (Exception e) {
      // Exception, for Scala declares none. What an executor that is lost held is lost with it.
      LOG.warn("An adapter stays in some executor for a while: {}", e.toString());
    }
  }

  private double reduceSeconds(long step, OrderedReduce reduce) {
    long since =
        reduce
            .takenAt()
            .orElseGet(
                () ->
                    StepStages.of(spark.sc(), StepWatch.group(step))
                        .map(StepStages::lastSince)
                        .orElse(0L));
    return since > 0 ? (System.currentTimeMillis() - since) / 1e3 : 0;
  }

  /** Says what went wrong, and names the sequences where Spark gave up their task. */
  private String failure(long step, List<Lane> lanes, OrderedReduce reduce, Exception failure) {
    return StepStages.of(spark.sc(), StepWatch.group(step))
        .flatMap(stages -> stages.failedLane(failure, reduce))
        .map(lane -> names(lanes.get(lane).sequences(), failure) + ": its task failed every time")
        .orElseGet(failure::getMessage);
  }

  private String names(long[] lane, Exception failure) {
    return Arrays.stream(lane)
        .mapToObj(index -> name(index, failure))
        .collect(Collectors.joining("; "));
  }

  /** The document of a sequence, or its number if the task failed because it cannot be read. */
  private String name(long index, Exception failure) {
    try {
      return data.value().name(data.value().sequence(index), index);
    } catch (Exception e) {
      // Exception, for Scala declares none of the checked ones that it throws.
      failure.addSuppressed(e);
      return "sequence " + index;
    }
  }
}
