package org.uiospark.jobs;

import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.StopSignal;
import org.uiospark.jobs.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A base model and a data set to an adapter. */
@Command(name = "train", description = "Trains an adapter; writes metrics and checkpoints.")
final class TrainCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "base model in HuggingFace layout")
  String model;

  @Option(
      names = "--data",
      paramLabel = "URI[:WEIGHT,URI:WEIGHT...]",
      description = "data set that prep wrote, or several by weight, as a:0.9,b:0.1")
  String data;

  @Option(names = "--output", paramLabel = "URI", description = "metrics and checkpoints")
  String output;

  @Option(names = "--steps", paramLabel = "N", description = "optimizer steps")
  Integer steps;

  @Option(names = "--batch", paramLabel = "N", description = "sequences a step")
  Integer batch;

  @Option(names = "--lr", paramLabel = "RATE", description = "peak learning rate")
  Double lr;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "steps of linear warm-up, or a share as 1%%")
  String warmup;

  @Option(names = "--weight-decay", paramLabel = "DECAY", description = "decoupled weight decay")
  Double weightDecay;

  @Option(names = "--clip", paramLabel = "NORM", description = "largest gradient norm, 0 for none")
  Double clip;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "what everything random follows from")
  Long seed;

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

  @Mixin EstimatorOptions estimator;

  @Option(
      names = "--distill-weight",
      paramLabel = "SHARE",
      description = "share of the divergence from the base model with its native window, 0 to 1")
  Double distillWeight;

  @Option(names = "--distill-temperature", paramLabel = "T", description = "of both distributions")
  Double distillTemperature;

  @Option(
      names = "--distill-window",
      paramLabel = "N",
      description = "tokens the teacher reads at once, 0 for all that the model can")
  Integer distillWindow;

  @Option(
      names = "--graph-memory",
      paramLabel = "SIZE",
      description = "encoder graphs kept a task, as 512MiB")
  String graphMemory;

  @Option(
      names = "--products",
      paramLabel = "LIBRARY",
      description = "of matrices on CPUs: onednn, libtorch or auto")
  String products;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "torch threads, and cores of Spark, a task takes")
  Integer threads;

  @Option(names = "--checkpoint-every", paramLabel = "N", description = "steps between checkpoints")
  Integer checkpointEvery;

  @Option(
      names = "--keep-last",
      paramLabel = "N",
      description = "newest checkpoints that stay, 0 for all")
  Integer keepLast;

  @Option(
      names = "--keep-every",
      paramLabel = "N",
      description = "with --keep-last: checkpoints at multiples of N steps stay too")
  Integer keepEvery;

  @Option(
      names = "--keep-best",
      paramLabel = "N",
      description = "with --keep-last and --held-out: those of the lowest held-out loss stay too")
  Integer keepBest;

  @Option(
      names = "--held-out",
      paramLabel = "URI",
      description = "data set that prep wrote; its loss is measured at every checkpoint")
  String heldOut;

  @Option(
      names = "--held-out-sequences",
      paramLabel = "N",
      description = "most sequences of it that are read")
  Integer heldOutSequences;

  @Option(
      names = "--mlflow-uri",
      paramLabel = "URI",
      description = "tracking server that is told of every step")
  String mlflowUri;

  @Option(names = "--mlflow-experiment", paramLabel = "NAME", description = "of the run there")
  String mlflowExperiment;

  @Option(names = "--resume", description = "go on from the newest whole checkpoint in the output")
  boolean resume;

  @Override
  void run(Settings settings) {
    TrainSettings train = TrainSettings.of(settings, resume);
    StopSignal stop = StopSignal.ofProcess();
    OutputFolder result =
        inSpark(train.arithmetic().threads(), spark -> new Trainer(spark, train, stop).run());
    out().println(result.root());
  }
}
