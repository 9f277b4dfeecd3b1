package org.uiospark.jobs.plan;

import java.util.Locale;
import java.util.OptionalInt;
import org.uiospark.model.cost.MemoryCount;

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
            + "writing checkpoints. Formulas: Javadoc of Plan, MemoryCount and FlopCount.\n");
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
            : "  DOES NOT FIT %.1f GiB: lower --graph-memory, --segment-length or --context",
        gpu / GIB);
  }

  private void step(StringBuilder text) {
    PlanSettings.Cluster cluster = plan.settings().cluster();
    line(text, "");
    line(
        text,
        "a step: %,d x %.4g TFLOP/s at %.0f%%, link of the driver %.4g Gbit/s",
        cluster.executors(),
        cluster.tflops(),
        100 * cluster.efficiency(),
        cluster.networkGbits());
    row(text, "operations a sequence", plan.work().totalFlops() / 1e12, "10^12");
    row(text, "  of these, encoding again", plan.work().flopsRecomputed() / 1e12, "10^12");
    bytes(text, "adapter to all executors", plan.broadcastBytes());
    bytes(text, "gradients to the driver", plan.gradientBytes());
    row(text, "compute", plan.computeSeconds(cluster.executors()), "s");
    row(text, "network", plan.networkSeconds(), "s");
    row(text, "sum and update on the driver", plan.driverSeconds(), "s");
    double seconds = plan.stepSeconds(cluster.executors());
    row(text, "together", seconds, "s");
    line(
        text,
        "  %,.0f tokens/s, %.3g tokens a day",
        plan.stepTokens() / seconds,
        plan.stepTokens() / seconds * DAY);
    bytes(text, "heap of the driver (UIO_DRIVER_MEMORY)", plan.driverHeapBytes());
    bytes(text, "heap of an executor (spark.executor.memory)", plan.executorHeapBytes());
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
      int most = plan.settings().batch();
      line(
          text,
          "for %s: out of reach; %,d executors, one for each sequence, take %.4g s a step, of which network and driver %.4g s",
          wanted,
          most,
          plan.stepSeconds(most),
          plan.networkSeconds() + plan.driverSeconds());
    }
  }

  private static void bytes(StringBuilder text, String name, long bytes) {
    if (bytes < GIB) {
      row(text, name, bytes / MIB, "MiB");
    } else {
      row(text, name, bytes / GIB, "GiB");
    }
  }

  private static void row(StringBuilder text, String name, double value, String unit) {
    line(text, "  %-43s %10.3f %s", name, value, unit);
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
