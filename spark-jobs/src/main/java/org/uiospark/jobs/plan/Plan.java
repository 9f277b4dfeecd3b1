package org.uiospark.jobs.plan;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;

/**
 * An estimate of a training step: what a device holds, how long it computes, what goes over the
 * network, what the driver holds. With P values of the adapter and B sequences a step:
 *
 * <ul>
 *   <li>compute: {@code ceil(B / executors)} sequences one after another, each its operations over
 *       {@code tflops * efficiency};
 *   <li>network: the driver sends the adapter, {@code 4 P} bytes, and executors pass it on among
 *       themselves; it receives a gradient of {@code 4 P} bytes from each sequence. Nothing
 *       overlaps with compute;
 *   <li>driver: it adds B gradients, clips and updates, at {@link #ADD_NANOS} and {@link
 *       #UPDATE_NANOS} a value;
 *   <li>heap of the driver: the adapter and its blocks for the network, two moments, the sum, the
 *       copy of adapter and moments that a checkpoint is written from, and a gradient of each
 *       sequence that waits for its turn: {@code 4 P (8 + B)} bytes; of an executor: the adapter
 *       and its blocks, the gradient as it is and as it is sent, {@code 16 P}.
 * </ul>
 *
 * <p>Starting tasks, reading the data and writing checkpoints are not counted.
 *
 * @param settings what was asked
 * @param model shape of the base model
 * @param adapter shape of the adapter
 * @param work of one sequence
 */
public record Plan(
    PlanSettings settings, LlamaConfig model, AdapterShape adapter, SequenceWork work) {
  /** Of one value of one gradient on the driver; {@code bench} with 8.4 M values on two cores. */
  static final double ADD_NANOS = 1;

  /** Of clipping and AdamW for one value; measured likewise. */
  static final double UPDATE_NANOS = 5.5;

  private static final int DRIVER_VECTORS = 8;
  private static final int EXECUTOR_VECTORS = 4;

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

  /** Seconds that a device computes on one sequence. */
  double sequenceSeconds() {
    return work.totalFlops()
        / (settings.cluster().tflops() * 1e12 * settings.cluster().efficiency());
  }

  double computeSeconds(int executors) {
    return ((settings.batch() - 1) / executors + 1) * sequenceSeconds();
  }

  long vectorBytes() {
    return (long) Float.BYTES * adapter.size();
  }

  /** From the driver to the executors, all together. */
  long broadcastBytes() {
    return vectorBytes() * settings.cluster().executors();
  }

  /** From the executors to the driver. */
  long gradientBytes() {
    return vectorBytes() * settings.batch();
  }

  double networkSeconds() {
    return 8.0 * (vectorBytes() + gradientBytes()) / (settings.cluster().networkGbits() * 1e9);
  }

  double driverSeconds() {
    return adapter.size() * (settings.batch() * ADD_NANOS + UPDATE_NANOS) / 1e9;
  }

  double stepSeconds(int executors) {
    return computeSeconds(executors) + networkSeconds() + driverSeconds();
  }

  long driverHeapBytes() {
    return vectorBytes() * (DRIVER_VECTORS + settings.batch());
  }

  long executorHeapBytes() {
    return EXECUTOR_VECTORS * vectorBytes();
  }

  long stepTokens() {
    return settings.batch() * settings.context();
  }

  /**
   * The fewest executors for a step of so many seconds; empty if one for each sequence is too few.
   */
  OptionalInt executorsFor(double seconds) {
    return IntStream.rangeClosed(1, settings.batch())
        .filter(executors -> stepSeconds(executors) <= seconds)
        .findFirst();
  }

  /** The estimate as a table. */
  public String text() {
    return new PlanTable(this).text();
  }
}
