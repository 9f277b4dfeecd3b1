package org.uiospark.jobs;

import java.util.List;
import org.uiospark.jobs.bench.Bench;
import org.uiospark.jobs.bench.BenchSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Speed and memory of the gradient, in process and through Spark, as JSON. */
@Command(name = "bench", description = "Measures the gradient, in process and through Spark.")
final class BenchCommand extends ConfiguredCommand {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "base model; default: a random one of the sizes below")
  String model;

  @Option(names = "--hidden", paramLabel = "D", description = "hidden size")
  Integer hidden;

  @Option(names = "--layers", paramLabel = "N", description = "decoder layers, at least 2")
  Integer layers;

  @Option(names = "--heads", paramLabel = "N", description = "query heads")
  Integer heads;

  @Option(names = "--kv-heads", paramLabel = "N", description = "key/value heads")
  Integer kvHeads;

  @Option(names = "--ffn", paramLabel = "F", description = "inner size of the MLP")
  Integer ffn;

  @Option(names = "--vocab", paramLabel = "V", description = "tokens of the vocabulary")
  Integer vocab;

  @Option(names = "--segment-length", paramLabel = "L", description = "tokens a segment")
  Integer segmentLength;

  @Option(
      names = "--memory-tokens",
      paramLabel = "M",
      description = "memory tokens a segment; divides L")
  Integer memoryTokens;

  @Option(names = "--rank", paramLabel = "R", description = "LoRA rank")
  Integer rank;

  @Option(names = "--alpha", paramLabel = "ALPHA", description = "LoRA alpha")
  Double alpha;

  @Option(
      names = "--segments",
      paramLabel = "N",
      split = ",",
      description = "segments a sequence, as 16,64")
  List<Integer> segments;

  @Option(
      names = "--estimators",
      paramLabel = "NAME",
      split = ",",
      description = "exact, tbptt, unbiased, sampled; NAME-flat keeps no encoder graph")
  List<String> estimators;

  @Option(names = "--window", paramLabel = "S", description = "segments of tbptt and unbiased")
  Integer window;

  @Option(names = "--samples", paramLabel = "K", description = "segments that sampled draws")
  Integer samples;

  @Option(names = "--seed", paramLabel = "SEED", description = "of tokens, weights and draws")
  Long seed;

  @Option(names = "--tasks", paramLabel = "N", description = "tasks at once")
  Integer tasks;

  @Option(names = "--batch", paramLabel = "N", description = "sequences a step")
  Integer batch;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "sequences a thread in process, 0 for none")
  Integer runs;

  @Option(names = "--steps", paramLabel = "N", description = "steps through Spark, 0 for none")
  Integer steps;

  @Option(names = "--warmup", paramLabel = "N", description = "sequences or steps before those")
  Integer warmup;

  @Override
  void run(Settings settings) {
    BenchSettings bench = BenchSettings.of(settings);
    out().println(inSpark(spark -> new Bench(spark, bench).run()).json());
  }
}
