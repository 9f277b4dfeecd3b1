package org.uiospark.jobs.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.Trainer;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/** What a run that ends says of itself. */
@Tag("cluster")
class RunTrackingTest {
  private static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";

  @TempDir Path folder;

  private TrainSettings oneStep(String server) {
    return steps(1, server);
  }

  private TrainSettings steps(int steps, String server) {
    Map<String, Object> options = new HashMap<>();
    options.put("train.model", MODEL);
    options.put("train.data", data());
    options.put("train.output", folder.resolve("run").toString());
    options.put("train.steps", steps);
    options.put("train.batch", 1);
    options.put("train.mlflow-uri", server);
    options.put("adapter.segment-length", 32);
    options.put("adapter.memory-tokens", 8);
    options.put("adapter.rank", 4);
    return TrainSettings.of(Settings.of(null, options), false);
  }

  private String data() {
    String data = folder.resolve("data").toString();
    int[] tokens = IntStream.range(0, 64).toArray();
    TokenDataSet.write(
        data,
        List.of(TokenSequence.of("document", 0, tokens)),
        32,
        2048,
        "none",
        new Configuration());
    return data;
  }

  private static List<String> outcomes(RecordedServer server) {
    return server.requests("runs/update").stream()
        .map(request -> request.body().get("status").asText())
        .toList();
  }

  @Test
  void aRunIsFinishedOnceItsLastCheckpointIsWhole() throws Exception {
    try (RecordedServer server = new RecordedServer();
        SparkSession spark = LocalSpark.start(1)) {
      new Trainer(spark, oneStep(server.uri())).run();

      assertThat(outcomes(server)).containsExactly("FINISHED");
    }
  }

  @Test
  void aRunThatLostItsOutputLeavesTheEndToTheOneThatGoesOn() throws Exception {
    Path run = folder.resolve("run");
    Thread taking =
        new Thread(
            () -> {
              while (!hasLine(run.resolve("metrics.jsonl"))) {
                Thread.onSpinWait();
              }
              delete(run.resolve("train.lock"));
            });
    taking.start();
    try (RecordedServer server = new RecordedServer();
        SparkSession spark = LocalSpark.start(1)) {
      Trainer trainer = new Trainer(spark, steps(100_000, server.uri()));

      assertThatThrownBy(trainer::run)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("no longer locked by this run: its train.lock was removed");
      assertThat(server.requests("runs/create")).hasSize(1);
      assertThat(outcomes(server)).isEmpty();
    }
    taking.join();
  }

  private static boolean hasLine(Path file) {
    try {
      return Files.exists(file) && Files.size(file) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aRunWhoseLastCheckpointCannotBeWrittenHasFailed() throws Exception {
    Path inTheWay = folder.resolve("run/checkpoints/step-1");
    Files.createDirectories(inTheWay.getParent());
    Files.writeString(inTheWay, "");
    try (RecordedServer server = new RecordedServer();
        SparkSession spark = LocalSpark.start(1)) {
      Trainer trainer = new Trainer(spark, oneStep(server.uri()));

      assertThatThrownBy(trainer::run)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("step-1 cannot be written");
      assertThat(outcomes(server)).containsExactly("FAILED");
    }
  }
}
