package org.uiospark.jobs.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.settings.TrackingSettings;
import org.uiospark.jobs.tracking.RecordedServer.Request;

class MlflowRunTest {
  private static final TrainerState STATE =
      new TrainerState(
          TrainerState.FORMAT_VERSION,
          0,
          11,
          "model-sum",
          "data-sum",
          Map.of("rank", 16, "data", "x".repeat(900)),
          Map.of("spark", "4.1.1"));

  @TempDir Path folder;
  private RecordedServer server;

  @BeforeEach
  void start() throws IOException {
    server = new RecordedServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private OutputFolder output() {
    return OutputFolder.of(folder.toString(), new Configuration());
  }

  private TrackingSettings settings() {
    return new TrackingSettings(server.uri() + "/", "books");
  }

  private MlflowRun open(Map<String, String> environment) throws IOException {
    return MlflowRun.open(settings(), output(), STATE, environment);
  }

  private static Map<String, String> pairs(JsonNode list) {
    Map<String, String> pairs = new HashMap<>();
    list.forEach(pair -> pairs.put(pair.get("key").asText(), pair.get("value").asText()));
    return pairs;
  }

  @Test
  void aRunHasParametersTagsFiguresAndAnEnd() throws IOException {
    MlflowRun run = open(Map.of());
    run.step(1, Map.of("loss", 4.5));
    run.step(2, Map.of("loss", 4.25, "lr", 1e-3));
    run.end(Outcome.FINISHED);

    assertThat(server.requests("experiments/create").get(0).body().get("name").asText())
        .isEqualTo("books");
    JsonNode created = server.requests("runs/create").get(0).body();
    assertThat(created.get("experiment_id").asText()).isEqualTo("12");
    assertThat(created.get("run_name").asText()).isEqualTo(folder.getFileName().toString());
    assertThat(pairs(created.get("tags")))
        .containsEntry("data_fingerprint", "data-sum")
        .containsEntry("model_fingerprint", "model-sum")
        .containsEntry("version.spark", "4.1.1");
    JsonNode params = server.requests("runs/log-batch").get(0).body();
    assertThat(params.get("run_id").asText()).isEqualTo("run-1");
    assertThat(pairs(params.get("params"))).containsEntry("seed", "11").containsEntry("rank", "16");
    JsonNode metrics = server.requests("runs/log-batch").get(1).body().get("metrics");
    assertThat(metrics).hasSize(3);
    assertThat(metrics.get(0).get("key").asText()).isEqualTo("loss");
    assertThat(metrics.get(0).get("value").asDouble()).isEqualTo(4.5);
    assertThat(metrics.get(0).get("step").asLong()).isEqualTo(1);
    JsonNode end = server.requests("runs/update").get(0).body();
    assertThat(end.get("status").asText()).isEqualTo("FINISHED");
    assertThat(end.get("end_time").asLong()).isPositive();
  }

  @Test
  void aResumedRunKeepsItsId() throws IOException {
    open(Map.of()).end(Outcome.KILLED);
    MlflowRun run = open(Map.of());
    run.step(3, Map.of("loss", 4.0));
    run.end(Outcome.FINISHED);

    assertThat(server.requests("runs/create")).hasSize(1);
    assertThat(server.requests("runs/get").get(0).query()).isEqualTo("run_id=run-1");
    assertThat(server.requests("runs/update"))
        .extracting(request -> request.body().get("status").asText())
        .containsExactly("KILLED", "RUNNING", "FINISHED");
    assertThat(server.requests("runs/log-batch"))
        .allMatch(request -> request.body().get("run_id").asText().equals("run-1"));
  }

  @Test
  void whatAServerThatWasAwayMissedIsSentLater() throws IOException {
    MlflowRun run = open(Map.of());
    run.step(1, Map.of("loss", 4.5));
    server.breakDown();
    assertThatThrownBy(run::flush)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("runs/log-batch answered 500");
    server.mend();
    for (int step = 2; step <= 2500; step++) {
      run.step(step, Map.of("loss", 4.0));
    }
    run.end(Outcome.FINISHED);

    assertThat(server.requests("runs/log-batch"))
        .extracting(request -> request.body().path("metrics").size())
        .containsExactly(0, 1, 1000, 1000, 500);
  }

  @Test
  void whatIsLeftOutForAServerThatWasAwayTooLongIsCounted() throws IOException {
    MlflowRun run = open(Map.of());
    server.breakDown();
    for (int step = 1; step <= MlflowRun.KEPT + 3; step++) {
      try {
        run.step(step, Map.of("loss", 4.0));
      } catch (IOException e) {
        // The server is tried every few seconds.
      }
    }
    server.mend();
    run.end(Outcome.FINISHED);

    JsonNode tag = server.requests("runs/set-tag").get(0).body();
    assertThat(tag.get("key").asText()).isEqualTo("values_left_out");
    assertThat(tag.get("value").asText()).isEqualTo("3");
  }

  @Test
  void aServerThatRefusesFiguresIsStillToldOfTheEnd() throws IOException {
    MlflowRun run = open(Map.of());
    run.step(1, Map.of("loss", 4.5));
    server.refuse("runs/log-batch");
    assertThatThrownBy(() -> run.end(Outcome.FAILED)).hasMessageContaining("runs/log-batch");

    assertThat(server.requests("runs/update"))
        .extracting(request -> request.body().get("status").asText())
        .containsExactly("FAILED");
  }

  @Test
  void aServerThatHangsIsNotTriedAgainAtEveryStep() throws IOException {
    MlflowRun run = open(Map.of());
    run.step(1, Map.of("loss", 4.5));
    server.hang();
    assertThatThrownBy(run::flush).isInstanceOf(HttpTimeoutException.class);
    run.step(2, Map.of("loss", 4.25));
    run.step(3, Map.of("loss", 4.0));

    assertThat(server.requests("runs/log-batch")).hasSize(2);
  }

  @Test
  void credentialsOfTheEnvironmentGoWithEveryRequestAndIntoNoFile() throws IOException {
    open(Map.of("MLFLOW_TRACKING_USERNAME", "ann", "MLFLOW_TRACKING_PASSWORD", "secret"));

    String pair = Base64.getEncoder().encodeToString("ann:secret".getBytes(StandardCharsets.UTF_8));
    assertThat(server.requests())
        .isNotEmpty()
        .extracting(Request::authorization)
        .containsOnly("Basic " + pair);
    assertThat(folder.resolve(MlflowRun.FILE)).content().doesNotContain("secret", pair);
  }

  @Test
  void aServerThatFailsNeverFailsTheRun() {
    server.breakDown();
    try (RunTracking tracking = RunTracking.open(settings(), output(), STATE)) {
      tracking.step(1, Map.of("loss", 4.5));
      tracking.flush();
      tracking.ended(Outcome.FINISHED);
    }

    assertThat(folder.resolve("tensorboard")).isNotEmptyDirectory();
    assertThat(server.requests()).isNotEmpty();
  }
}
