package org.uiospark.jobs.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.TrainedPositions;

/**
 * An estimate of a training step: what a device holds ({@link SequenceWork}), where the time goes
 * ({@link StepSeconds}), and the heaps of driver and executors ({@link StepHeap}).
 *
 * @param settings what was asked
 * @param model shape of the base model
 * @param adapter shape of the adapter
 * @param cut how sequences are cut
 * @param work of one sequence
 * @param chunks of one sequence; none where it is whole
 */
public record Plan(
    PlanSettings settings,
    LlamaConfig model,
    AdapterShape adapter,
    ChunkCut cut,
    SequenceWork work,
    Optional<ChunkWork> chunks) {
  /** The numbers of executors that are always shown. */
  private static final List<Integer> SIZES = List.of(1, 8, 64, 512);

  private static final int MOST_TASKS = 10_000_000;

  /**
   * Estimates.
   *
   * @throws org.uiospark.model.input.InvalidInputException if the model cannot be trained so
   */
  public static Plan of(PlanSettings settings) {
    LlamaConfig model =
        LlamaCheckpoint.config(ModelFolder.local(Path.of(settings.adapter().model())).path());
    model.requireReach(settings.adapter().segments().segmentLength());
    AdapterShape adapter = settings.adapter().shape(model);
    ChunkCut cut =
        ChunkCut.of(
            model,
            adapter.rank(),
            settings.adapter().segments(),
            settings.estimator(),
            settings.contextSegments());
    cut.requireParts("plan", settings.chunkSegments());
    requireTasks(settings, cut.count(settings.chunkSegments()));
    boolean whole = cut.count(settings.chunkSegments()) == 1;
    return new Plan(
        settings,
        model,
        adapter,
        cut,
        whole
            ? SequenceWork.of(model, adapter, settings)
            : SequenceWork.inChunks(model, adapter, settings),
        whole ? Optional.empty() : Optional.of(ChunkWork.of(model, adapter, settings, cut)));
  }

  private static void requireTasks(PlanSettings settings, int chunks) {
    if (chunks > 1 && settings.batch() > MOST_TASKS / chunks) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "plan.batch = %d in %d chunks each are over %d tasks, more than a driver starts; lower it or raise --chunk-segments",
              settings.batch(),
              chunks,
              MOST_TASKS));
    }
  }

  /** How long a text the base model has positions for. */
  TrainedPositions positions() {
    return new TrainedPositions(model.rotary().maxPositions(), settings.adapter().segments());
  }

  /** Seconds that a device computes on one sequence. */
  double sequenceSeconds() {
    return work.totalFlops() / flopsPerSecond();
  }

  double flopsPerSecond() {
    return settings.cluster().tflops() * 1e12 * settings.cluster().efficiency();
  }

  double linkBytes() {
    return settings.cluster().networkGbits() * 1e9 / Byte.SIZE;
  }

  /** Numbers of executors to show. */
  List<Integer> sizes() {
    return Stream.concat(SIZES.stream(), Stream.of(settings.cluster().executors()))
        .sorted()
        .distinct()
        .toList();
  }

  /** Tasks of a step, or of each of its stages. */
  int lanes() {
    return (settings.batch() - 1) / settings.laneSequences()
        + 1
        + settings.batch() * (cut.count(settings.chunkSegments()) - 1);
  }

  /** Seconds of a step. */
  double stepSeconds(int executors) {
    return chunks
        .map(work -> ChunkSeconds.of(this, work, executors).total())
        .orElseGet(() -> seconds(executors).total());
  }

  /** Of these, what devices compute. */
  double computeSeconds(int executors) {
    return chunks
        .map(work -> ChunkSeconds.of(this, work, executors).compute())
        .orElseGet(() -> seconds(executors).compute());
  }

  /** Where the time of a step of whole sequences goes. */
  StepSeconds seconds(int executors) {
    return StepSeconds.of(
        executors,
        adapter.size(),
        lanes(),
        settings.collect(),
        Math.min(settings.batch(), settings.laneSequences()) * sequenceSeconds(),
        linkBytes());
  }

  /** Bytes of gradients of the adapter that go from executor to executor in a step. */
  double exchangedBytes(int executors) {
    return settings.collect().covers(lanes(), adapter.size())
        ? 0
        : (double) lanes() * heap().vectorBytes() * ChunkTraffic.remote(executors);
  }

  /** Bytes of gradients that the driver receives in a step: the mean, or those of all lanes. */
  long receivedBytes() {
    return Math.max(heap().vectorBytes(), heap().taken());
  }

  StepHeap heap() {
    return new StepHeap(
        adapter.size(),
        settings.collect().taken(lanes(), adapter.size()),
        cut.largestPart(settings.chunkSegments()));
  }

  long stepTokens() {
    return settings.batch() * settings.context();
  }

  /** The fewest executors for a step of so many seconds; empty if one for each lane is too few. */
  OptionalInt executorsFor(double seconds) {
    return IntStream.rangeClosed(1, lanes())
        .filter(executors -> leastSeconds(executors) <= seconds)
        .filter(executors -> stepSeconds(executors) <= seconds)
        .findFirst();
  }

  /** What devices compute, if none ever waited: cheaper to ask for than what follows it. */
  private double leastSeconds(int executors) {
    return settings.batch() * sequenceSeconds() / executors;
  }

  /** The estimate as a table. */
  public String text() {
    return new PlanTable(this).text();
  }
}
