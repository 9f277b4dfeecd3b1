package org.uiospark.jobs;

import org.uiospark.jobs.plan.Plan;
import org.uiospark.jobs.plan.PlanSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Memory, time and network of a training run, from the shape of the model alone. */
@Command(
    name = "plan",
    description = "Estimates memory, time and network of a training run; starts nothing.")
final class PlanCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "folder that holds config.json")
  String model;

  @Option(names = "--context", paramLabel = "N", description = "tokens a sequence")
  Integer context;

  @Option(names = "--batch", paramLabel = "N", description = "sequences a step")
  Integer batch;

  @Option(names = "--segment-length", paramLabel = "L", description = "tokens a segment")
  Integer segmentLength;

  @Option(
      names = "--memory-tokens",
      paramLabel = "M",
      description = "memory tokens a segment; divides L")
  Integer memoryTokens;

  @Option(names = "--rank", paramLabel = "R", description = "LoRA rank")
  Integer rank;

  @Mixin EstimatorOptions estimator;

  @Option(
      names = "--graph-memory",
      paramLabel = "SIZE",
      description = "encoder graphs kept a task, as 8GiB")
  String graphMemory;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "of the base: bfloat16, as on GPUs, or float32")
  String precision;

  @Option(
      names = "--executors",
      paramLabel = "N",
      description = "executors, each with one GPU and one task at a time")
  Integer executors;

  @Option(names = "--gpu-memory", paramLabel = "SIZE", description = "of each GPU, as 80GiB")
  String gpuMemory;

  @Option(names = "--tflops", paramLabel = "RATE", description = "peak of a GPU, 10^12 a second")
  Double tflops;

  @Option(
      names = "--efficiency",
      paramLabel = "SHARE",
      description = "of the peak that is reached, above 0, at most 1")
  Double efficiency;

  @Option(names = "--network", paramLabel = "GBIT", description = "driver's link, Gbit a second")
  Double network;

  @Option(
      names = "--step-seconds",
      paramLabel = "SECONDS",
      description = "how many executors for that?")
  Double stepSeconds;

  @Option(
      names = "--tokens-per-day",
      paramLabel = "N",
      description = "how many executors for that?")
  Double tokensPerDay;

  @Override
  void run(Settings settings) {
    out().print(Plan.of(PlanSettings.of(settings)).text());
    out().flush();
  }
}
