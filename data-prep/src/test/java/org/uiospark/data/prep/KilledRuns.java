package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.model.segment.TokenSequence;

/**
 * Runs of prep in JVMs of their own, killed at random moments, and what they leave. Real processes:
 * what a killed one leaves is what SIGKILL leaves.
 *
 * @param folder of outputs and logs
 */
record KilledRuns(Path folder) {
  /** What a process ends with after SIGKILL. */
  private static final int KILLED = 128 + 9;

  /** Starts a run, whose log has the name of its output, and waits until it is at work. */
  interface Start {
    Process begun(String output) throws Exception;
  }

  /** A JVM as this one, with a main class and its arguments. */
  Process start(String log, Class<?> main, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens") || argument.startsWith("-D"))
        .forEach(command::add);
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dlog4j2.configurationFile=../conf/log4j2.properties");
    command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    Arrays.stream(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log + ".log").toFile())
        .start();
  }

  /** What a run said. */
  String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one line of a log that is a number. */
  long millis(String log) {
    return log(log)
        .lines()
        .filter(line -> line.matches("\\d+"))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Kills runs until so many were hit.
   *
   * @param name of their outputs, before a number
   * @param longest milliseconds that one may work
   * @return the outputs; the commit of each but the last is decided
   */
  List<String> kill(int kills, String name, double longest, Random random, Start start)
      throws Exception {
    List<String> outputs = new ArrayList<>(List.of(name + "-0"));
    int hit = 0;
    while (hit < kills) {
      String output = outputs.get(outputs.size() - 1);
      Process process = start.begun(output);
      long moment = (long) (random.nextDouble() * longest);
      Thread.sleep(moment);
      process.destroyForcibly();
      assertThat(process.waitFor()).as(() -> log(output)).isIn(0, KILLED);
      boolean decided = isDecided(output);
      if (process.exitValue() == KILLED) {
        System.out.printf(
            Locale.ROOT,
            "%s: killed after %d of %.0f ms, %s the commit%n",
            output,
            moment,
            longest,
            decided ? "after" : "before");
        hit++;
      }
      if (decided) {
        // A further run has nothing to do: let the next kills hit one that does.
        outputs.add(name + "-" + outputs.size());
      }
    }
    return outputs;
  }

  /** Whether the first commit of an output counts. */
  boolean isDecided(String output) {
    return Files.exists(folder.resolve(output).resolve("_commit-00000.json"));
  }

  /** The rows of an output, in words. */
  List<String> rows(String output) {
    SequenceDataSet set = set(output);
    List<String> rows = new ArrayList<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence row = set.sequence(i);
      rows.add(row.docId() + " " + row.offset() + " " + Arrays.toString(row.inputIds()));
    }
    return rows;
  }

  void assertSame(String output, String undisturbed) {
    assertThat(rows(output)).isEqualTo(rows(undisturbed));
    // Sizes and SHA-256 of the files, so their bytes.
    assertThat(set(output).description().files()).isEqualTo(set(undisturbed).description().files());
  }

  private SequenceDataSet set(String output) {
    return SequenceDataSet.open(folder.resolve(output).toString(), new Configuration());
  }
}
