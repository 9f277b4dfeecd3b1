package org.uiospark.jobs;

import java.util.List;
import org.uiospark.jobs.audit.Audit;
import org.uiospark.jobs.audit.AuditSettings;
import org.uiospark.jobs.audit.DataAudit;
import org.uiospark.jobs.audit.DataAuditSettings;
import org.uiospark.jobs.audit.GivenOptions;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Losses and the gradient of one sequence, or the estimators compared over a data set. */
@Command(
    name = "audit",
    description =
        "Losses and gradient of one sequence, or estimators against exact over a data set.")
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
      names = "--data",
      paramLabel = "URI",
      description = "data set to compare all estimators with exact on")
  String data;

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

  @Option(
      names = "--windows",
      paramLabel = "S",
      split = ",",
      description = "with --data: windows to compare, 1,4")
  List<Integer> windows;

  @Option(names = "--sequences", paramLabel = "N", description = "with --data: most sequences read")
  Integer sequences;

  @Option(
      names = "--output",
      paramLabel = "URI",
      description = "with --data: folder for the result as JSON")
  String output;

  @Override
  void run(Settings settings) {
    if (!settings.text("audit.data").isEmpty()) {
      DataAuditSettings audit = DataAuditSettings.of(settings);
      out().print(inSpark(session -> new DataAudit(session, audit).run()).text());
      out().flush();
      return;
    }
    GivenOptions given = new GivenOptions(segmentLength, memoryTokens, alpha);
    out().println(Audit.run(AuditSettings.of(settings), given, hadoop()));
  }
}
