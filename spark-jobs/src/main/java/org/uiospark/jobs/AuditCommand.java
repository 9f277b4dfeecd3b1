package org.uiospark.jobs;

import org.uiospark.jobs.audit.Audit;
import org.uiospark.jobs.audit.GivenOptions;
import org.uiospark.jobs.settings.AuditSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Losses and the gradient of one sequence, as JSON and safetensors. */
@Command(name = "audit", description = "Losses and gradient of one sequence.")
final class AuditCommand extends ConfiguredCommand {
  @Option(names = "--model", paramLabel = "DIR", description = "base model in HuggingFace layout")
  String model;

  @Option(
      names = "--adapter",
      paramLabel = "PATH",
      description = "exported adapter, checkpoint, or bare adapter.safetensors")
  String adapter;

  @Option(
      names = "--tokens",
      paramLabel = "FILE",
      description = "JSON with input_ids and optionally labels")
  String tokens;

  @Option(
      names = "--segment-length",
      paramLabel = "L",
      description = "tokens a segment; default: as the adapter says")
  Integer segmentLength;

  @Option(
      names = "--memory-tokens",
      paramLabel = "M",
      description = "memory tokens a segment; divides L; default: as the adapter says")
  Integer memoryTokens;

  @Option(
      names = "--alpha",
      paramLabel = "ALPHA",
      description = "LoRA alpha; default: as the adapter says")
  Double alpha;

  @Mixin EstimatorOptions estimator;

  @Option(names = "--seed", paramLabel = "SEED", description = "of the draws")
  Long seed;

  @Option(
      names = "--gradients",
      paramLabel = "FILE",
      description = "safetensors file for the gradient")
  String gradients;

  @Option(names = "--repeats", paramLabel = "N", description = "draws to compare with exact")
  Integer repeats;

  @Override
  void run(Settings settings) {
    GivenOptions given = new GivenOptions(segmentLength, memoryTokens, alpha);
    out().println(Audit.run(AuditSettings.of(settings), given, hadoop()));
  }
}
