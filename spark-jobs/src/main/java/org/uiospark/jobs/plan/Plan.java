package org.uiospark.jobs.plan;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.model.adapter.AdapterShape;
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
 * @param work of one sequence
 */
public record Plan(
    PlanSettings settings, LlamaConfig model, AdapterShape adapter, SequenceWork work) {

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
    return new Plan(settings, model, adapter, SequenceWork.of(model, adapter, settings));
  }

  /** How long a text the base model has positions for. */
  TrainedPositions positions() {
    return new TrainedPositions(model.rotary().maxPositions(), settings.adapter().segments());
  }

  /** Seconds that a device computes on one sequence. */
  double sequenceSeconds() {
    return work.totalFlops()
        / (settings.cluster().tflops() * 1e12 * settings.cluster().efficiency());
  }

  /** Tasks of a step. */
  int lanes() {
    return (settings.batch() - 1) / settings.laneSequences() + 1;
  }

  /** Where the time of a step goes. */
  StepSeconds seconds(int executors) {
    return StepSeconds.of(
        executors,
        adapter.size(),
        lanes(),
        settings.collect(),
        Math.min(settings.batch(), settings.laneSequences()) * sequenceSeconds(),
        settings.cluster().networkGbits() * 1e9 / Byte.SIZE);
  }

  /** Bytes of gradients that the driver receives in a step: the mean, or those of all lanes. */
  long receivedBytes() {
    return Math.max(heap().vectorBytes(), heap().taken());
  }

  StepHeap heap() {
    return new StepHeap(adapter.size(), settings.collect().taken(lanes(), adapter.size()));
  }

  long stepTokens() {
    return settings.batch() * settings.context();
  }

  /** The fewest executors for a step of so many seconds; empty if one for each lane is too few. */
  OptionalInt executorsFor(double seconds) {
    return IntStream.rangeClosed(1, lanes())
        .filter(executors -> seconds(executors).total() <= seconds)
        .findFirst();
  }

  /** The estimate as a table. */
  public String text() {
    return new PlanTable(this).text();
  }
}
