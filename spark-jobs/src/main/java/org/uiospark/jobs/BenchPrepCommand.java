package org.uiospark.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileUtil;
import org.uiospark.jobs.bench.BenchPrepSettings;
import org.uiospark.jobs.bench.PrepBench;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Speed of {@code prep} beside that of its tokenizer alone, as JSON. */
@Command(name = "bench-prep", description = "Speed of prep beside that of the bare tokenizer.")
final class BenchPrepCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    try {
      Path output = Files.createTempDirectory("uio-bench-prep-");
      try {
        BenchPrepSettings bench = BenchPrepSettings.of(settings, output.toString(), hadoop());
        String result = inSpark(session -> new PrepBench(session, bench).run());
        out().println(result);
      } finally {
        FileUtil.fullyDelete(output.toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
