package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.model.input.Sha256;

/**
 * {@code train} over light work in a JVM of its own.
 *
 * @param steps optimizer steps
 */
record LocalRun(LightWork work, int steps) {
  /** The SHA-256 of the adapter that a local master trains. */
  String sum(String master) throws Exception {
    return sum(master, Map.of("spark.master", master, "spark.driver.host", "127.0.0.1"));
  }

  /**
   * The same with other settings.
   *
   * @param name of its output
   */
  String sum(String name, Map<String, String> spark) throws Exception {
    return sum(name, spark, "0");
  }

  /**
   * The same where the driver takes small gradients itself.
   *
   * @param collectSize as in {@code train.collect-size}
   */
  String sum(String name, Map<String, String> spark, String collectSize) throws Exception {
    Path output = work.folder().resolve(name);
    Path log = work.folder().resolve(name + ".log");
    List<String> command = new ArrayList<>(ChildJvm.command("1g"));
    spark.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("org.uiospark.jobs.Main");
    command.addAll(work.train(output, steps, collectSize));
    Process driver =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int status = driver.waitFor();
    assertThat(status).as(() -> said(log)).isZero();
    return Sha256.hex(
        Files.readAllBytes(output.resolve("checkpoints/step-" + steps + "/adapter.safetensors")));
  }

  private static String said(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return log + ": " + e;
    }
  }
}
