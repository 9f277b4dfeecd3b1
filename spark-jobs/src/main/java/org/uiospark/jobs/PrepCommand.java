package org.uiospark.jobs;

import java.util.List;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.jobs.settings.Preparation;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Corpora to a data set of segment sequences. */
@Command(
    name = "prep",
    description = {
      "Turns text into a data set of segment sequences.",
      "",
      "Run again, it adds the documents that are new. It may be killed at any moment:",
      "the next run finishes or begins again. Where another run changes the output",
      "meanwhile, it says so, adds what is then still missing, and ends with 0.",
      ""
    })
final class PrepCommand extends ConfiguredCommand {
  @Option(
      names = "--input",
      paramLabel = "URI",
      arity = "1..*",
      description =
          "files, directories or globs of .txt, .jsonl or .json, each also .gz, .bz2 or .zst, or .parquet")
  List<String> input;

  @Option(names = "--output", paramLabel = "URI", description = "data set to write")
  String output;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "tokenizer.json of the base model")
  String tokenizer;

  @Option(names = "--segment-length", paramLabel = "L", description = "tokens a segment")
  Integer segmentLength;

  @Option(
      names = "--max-segments",
      paramLabel = "N",
      description = "segments in the longest sequence")
  Integer maxSegments;

  @Option(
      names = "--min-segments",
      paramLabel = "N",
      description = "shorter documents are left out")
  Integer minSegments;

  @Option(names = "--objective", paramLabel = "NAME", description = "lm, ae or sft")
  String objective;

  @Option(names = "--eos-token-id", paramLabel = "ID", description = "token that closes a document")
  Integer eosTokenId;

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      description = "field or column of a record that holds its text")
  String textField;

  @Option(
      names = "--max-replaced-share",
      paramLabel = "SHARE",
      description = "bytes of a text that may be no UTF-8, 0 to 1")
  Double maxReplacedShare;

  @Option(
      names = "--max-rejected-share",
      paramLabel = "SHARE",
      description = "malformed records allowed, 0 to 1")
  Double maxRejectedShare;

  @Override
  void run(Settings settings) {
    PrepSettings prep = Preparation.of(settings, hadoop());
    out().print(inSpark(session -> new PrepJob(session, prep).run()).text());
    out().flush();
  }
}
