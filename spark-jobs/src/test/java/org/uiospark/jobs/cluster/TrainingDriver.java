package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.model.input.Sha256;

/**
 * {@code train} in a JVM of its own, as spark-submit would start it, over a small data set.
 *
 * @param data a data set in segments of 32 tokens
 * @param output of the run
 * @param steps optimizer steps
 * @param checkpointEvery steps between checkpoints
 */
record TrainingDriver(Path data, Path output, int steps, int checkpointEvery) {
  /** What a command is started behind to see processes of its own alone; takes root. */
  static final List<String> OTHER_NAMESPACE =
      List.of("unshare", "--pid", "--fork", "--mount-proc", "--kill-child");

  static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";

  /** Starts it; {@code spark} holds the master and whatever else spark-submit would be told. */
  Process start(Map<String, String> spark, String... options) throws IOException {
    return launch(command(spark, options));
  }

  /**
   * The same in a PID namespace of its own, in which no process of this one is seen, as in a
   * container. The process is that of {@code unshare}, whose one child is the driver.
   */
  Process startApart(Map<String, String> spark, String... options) throws IOException {
    List<String> command = new ArrayList<>(OTHER_NAMESPACE);
    command.addAll(command(spark, options));
    return launch(command);
  }

  private List<String> command(Map<String, String> spark, String... options) {
    List<String> command = ChildJvm.command("1g");
    spark.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("org.uiospark.jobs.Main");
    command.addAll(words(MODEL));
    command.addAll(List.of(options));
    return command;
  }

  /** The command of UIO with its options. */
  List<String> words(String model) {
    return List.of(
        "train",
        "--model=" + model,
        "--data=" + data,
        "--output=" + output,
        "--steps=" + steps,
        "--batch=4",
        "--segment-length=32",
        "--memory-tokens=8",
        "--rank=4",
        "--estimator=unbiased",
        "--window=2",
        "--checkpoint-every=" + checkpointEvery);
  }

  private Process launch(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
        .start();
  }

  /** What it said, on both streams, every time that it was started. */
  Path log() {
    return output.resolveSibling(output.getFileName() + ".log");
  }

  /** Waits for its end, which must be a good one. */
  void awaitDone(Process process) throws Exception {
    int status = process.waitFor();
    assertThat(status).as(() -> log() + ": " + lines()).isZero();
  }

  String lines() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Settings to submit to so many executors of a cluster, of one core each, a worker each. */
  static Map<String, String> on(LocalCluster cluster, int executors) throws IOException {
    Map<String, String> spark = submittedTo(cluster);
    spark.put("spark.cores.max", Integer.toString(executors));
    spark.put("spark.scheduler.minRegisteredResourcesRatio", "1");
    return spark;
  }

  /** Settings to submit to a cluster whose executors run on the class path of this JVM. */
  static Map<String, String> submittedTo(LocalCluster cluster) throws IOException {
    Properties properties = new Properties();
    try (var reader =
        Files.newBufferedReader(cluster.configuration().resolve("spark-defaults.conf"))) {
      properties.load(reader);
    }
    Map<String, String> spark = new HashMap<>();
    properties.forEach((key, value) -> spark.put(key.toString(), value.toString()));
    spark.put("spark.ui.enabled", "false");
    spark.put("spark.executor.memory", "1g");
    spark.put("spark.executor.cores", "1");
    spark.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
    List<String> executor = new ArrayList<>(ChildJvm.SHORT_LIVED);
    ChildJvm.options().stream().filter(option -> option.startsWith("-D")).forEach(executor::add);
    spark.put("spark.executor.extraJavaOptions", String.join(" ", executor));
    return spark;
  }

  /** The newest step whose checkpoint is whole, empty before the first. */
  OptionalLong newestStep() throws IOException {
    Path checkpoints = output.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return OptionalLong.empty();
    }
    try (var steps = Files.list(checkpoints)) {
      return steps
          .filter(step -> Files.exists(step.resolve("MANIFEST.json")))
          .mapToLong(step -> Long.parseLong(step.getFileName().toString().replace("step-", "")))
          .max();
    }
  }

  /** SHA-256 of the adapter of the last step. */
  String sum() throws Exception {
    Path adapter = output.resolve("checkpoints/step-" + steps + "/adapter.safetensors");
    return Sha256.hex(Files.readAllBytes(adapter));
  }
}
