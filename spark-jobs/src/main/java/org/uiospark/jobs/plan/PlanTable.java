package org.uiospark.jobs.plan;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.segment.TrainedPositions;

/**
 * A plan as text.
 *
 * @param plan the estimate
 */
record PlanTable(Plan plan) {
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;
  private static final double DAY = 86_400;

  String text() {
    StringBuilder text = new StringBuilder();
    asked(text);
    memory(text);
    step(text);
    wanted(text);
    text.append(
        "\nNot counted: the CUDA context and what the allocator keeps, starting tasks, reading data,\n"
            + "writing checkpoints. Formulas: Javadoc of StepSeconds, ChunkSeconds, ChunkTraffic, StepHeap, MemoryCount\n"
            + "and FlopCount.\n");
    return text.toString();
  }

  private void asked(StringBuilder text) {
    PlanSettings settings = plan.settings();
    long base = plan.model().parameters();
    int adapter = plan.adapter().size();
    line(text, "%s: %,d parameters", settings.adapter().model(), base);
    line(
        text,
        "adapter of rank %d: %,d parameters (%.2f%% of the base)",
        settings.adapter().rank(),
        adapter,
        100.0 * adapter / base);
    line(
        text,
        "%,d sequences a step, each of %,d tokens in %,d segments of %,d with %d memory tokens, %s",
        settings.batch(),
        settings.context(),
        settings.contextSegments(),
        settings.adapter().segments().segmentLength(),
        settings.adapter().segments().memoryTokens(),
        settings.estimator().name());
    TrainedPositions positions = plan.positions();
    long taken = positions.takenBy(settings.context());
    line(
        text,
        "%,d positions a sequence, %s the %,d that the base was trained for; longest text within them: %,d tokens",
        taken,
        taken <= positions.count() ? "within" : "BEYOND",
        positions.count(),
        positions.longestText());
    chunks().ifPresent(chunks -> chunks.cut(text));
  }

  private Optional<ChunkTable> chunks() {
    return plan.chunks().map(work -> new ChunkTable(plan, work));
  }

  private void memory(StringBuilder text) {
    PlanSettings settings = plan.settings();
    MemoryCount memory = plan.work().memory();
    long gpu = settings.cluster().gpuMemoryBytes();
    line(text, "");
    line(
        text, "memory of a GPU (base in %s)", settings.precision().name().toLowerCase(Locale.ROOT));
    bytes(text, "base weights", memory.base());
    bytes(text, "adapter and its gradient", memory.adapter());
    bytes(text, "keys and values of the memories", memory.bank());
    bytes(text, "gradients towards them", memory.bankGradient());
    bytes(text, "encoder graphs kept: " + memory.graphs(), memory.graphBytes());
    bytes(text, "activations of a segment", memory.activations());
    bytes(text, "together", memory.total());
    line(
        text,
        memory.total() <= gpu
            ? "  fits %.1f GiB"
            : "  DOES NOT FIT %.1f GiB: lower --graph-memory, --segment-length or --tokens",
        gpu / GIB);
    if (memory.hostMemories() > 0) {
      bytes(text, "beside it, on the host: memories", memory.hostMemories());
    }
  }

  private void step(StringBuilder text) {
    PlanSettings.Cluster cluster = plan.settings().cluster();
    line(text, "");
    line(
        text,
        "a step of %,d lanes: executors of %.4g TFLOP/s at %.0f%%, links of %.4g Gbit/s",
        plan.lanes(),
        cluster.tflops(),
        100 * cluster.efficiency(),
        cluster.networkGbits());
    row(text, "operations a sequence", plan.work().totalFlops() / 1e12, "10^12");
    row(text, "  of these, encoding again", plan.work().flopsRecomputed() / 1e12, "10^12");
    bytes(text, "adapter to the executors", plan.heap().vectorBytes());
    bytes(text, "gradients to the driver", plan.receivedBytes());
    bytes(text, "heap of the driver (UIO_DRIVER_MEMORY)", plan.heap().driver());
    bytes(text, "heap of an executor (spark.executor.memory)", plan.heap().executor());
    chunks().ifPresentOrElse(chunks -> chunks.stages(text), () -> seconds(text));
  }

  private void seconds(StringBuilder text) {
    line(text, "");
    line(
        text,
        "%9s %9s %8s %8s %8s %8s %8s %8s %9s %10s %9s",
        "executors",
        "compute s",
        "send",
        "leave",
        "exchange",
        "add",
        "receive",
        "update",
        "together",
        "tokens/s",
        "computing");
    plan.sizes().forEach(executors -> seconds(text, executors));
  }

  private void seconds(StringBuilder text, int executors) {
    StepSeconds seconds = plan.seconds(executors);
    double total = seconds.total();
    line(
        text,
        "%,9d %9.3f %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f %9.3f %,10.0f %8.0f%%",
        executors,
        seconds.compute(),
        seconds.send(),
        seconds.leave(),
        seconds.exchange(),
        seconds.add(),
        seconds.receive(),
        seconds.update(),
        total,
        plan.stepTokens() / total,
        100 * seconds.compute() / total);
  }

  private void wanted(StringBuilder text) {
    PlanSettings settings = plan.settings();
    if (settings.wanted().stepSeconds() > 0) {
      executors(
          text,
          String.format(Locale.ROOT, "%.4g s a step", settings.wanted().stepSeconds()),
          settings.wanted().stepSeconds());
    }
    if (settings.wanted().tokensPerDay() > 0) {
      executors(
          text,
          String.format(Locale.ROOT, "%.3g tokens a day", settings.wanted().tokensPerDay()),
          plan.stepTokens() * DAY / settings.wanted().tokensPerDay());
    }
  }

  private void executors(StringBuilder text, String wanted, double seconds) {
    OptionalInt executors = plan.executorsFor(seconds);
    line(text, "");
    if (executors.isPresent()) {
      line(
          text,
          "for %s: %,d executors (%.4g s a step)",
          wanted,
          executors.getAsInt(),
          plan.stepSeconds(executors.getAsInt()));
    } else {
      int most = plan.lanes();
      line(
          text,
          "for %s: out of reach; %,d executors, one for each lane, take %.4g s a step, of which computing %.4g s",
          wanted,
          most,
          plan.stepSeconds(most),
          plan.computeSeconds(most));
    }
  }

  static void bytes(StringBuilder text, String name, long bytes) {
    if (bytes < GIB) {
      row(text, name, bytes / MIB, "MiB");
    } else {
      row(text, name, bytes / GIB, "GiB");
    }
  }

  private static void row(StringBuilder text, String name, double value, String unit) {
    line(text, "  %-43s %10.3f %s", name, value, unit);
  }

  static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
