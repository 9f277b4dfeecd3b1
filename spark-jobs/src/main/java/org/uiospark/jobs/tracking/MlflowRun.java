package org.uiospark.jobs.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.settings.TrackingSettings;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * A run of MLflow: settings as parameters, provenance as tags, figures by step. A run that is
 * resumed goes on under its id, which is kept in {@code mlflow.json} in the output folder.
 *
 * <p>Figures are sent every few seconds, not every step. What could not be sent is sent with the
 * next ones, up to a limit, so that a server may be away for a while.
 */
final class MlflowRun implements Tracker {
  static final String FILE = "mlflow.json";

  private static final Logger LOG = LoggerFactory.getLogger(MlflowRun.class);

  /** What the server takes at once. */
  private static final int METRICS_A_REQUEST = 1000;

  private static final int PARAMS_A_REQUEST = 100;
  private static final int PARAM_CHARACTERS = 500;

  /** Some hours of a quick run. */
  static final int KEPT = 200_000;

  private static final long PAUSE = Duration.ofSeconds(5).toNanos();

  private final MlflowServer server;
  private final String id;
  private final List<Map<String, Object>> unsent = new ArrayList<>();
  private long leftOut;
  private long tried = System.nanoTime();

  private MlflowRun(MlflowServer server, String id) {
    this.server = server;
    this.id = id;
  }

  /** Goes on with the run of the output folder, or begins one. */
  static MlflowRun open(
      TrackingSettings settings,
      OutputFolder output,
      TrainerState state,
      Map<String, String> environment)
      throws IOException {
    MlflowServer server = new MlflowServer(settings.mlflowUri(), environment);
    Optional<String> known = known(server, settings, output);
    if (known.isPresent()) {
      server.post("runs/update", Map.of("run_id", known.get(), "status", "RUNNING"));
      return new MlflowRun(server, known.get());
    }
    String id = create(server, settings.mlflowExperiment(), output.root().getName(), state);
    Map<String, String> kept = Map.of("tracking_uri", settings.mlflowUri(), "run_id", id);
    output.replace(FILE, JsonMapper.builder().build().writeValueAsBytes(kept));
    MlflowRun run = new MlflowRun(server, id);
    run.describe(state);
    return run;
  }

  private static Optional<String> known(
      MlflowServer server, TrackingSettings settings, OutputFolder output) throws IOException {
    if (!output.has(FILE)) {
      return Optional.empty();
    }
    JsonNode kept;
    try {
      kept = InputJson.object(output.file(FILE).toString(), output.read(FILE));
    } catch (InvalidInputException e) {
      throw new IOException(e.getMessage() + "; delete it to begin a new run of MLflow", e);
    }
    if (!settings.mlflowUri().equals(kept.path("tracking_uri").asText())) {
      return Optional.empty();
    }
    String id = kept.path("run_id").asText();
    return server.get("runs/get", "run_id", id).map(run -> id);
  }

  private static String create(
      MlflowServer server, String experiment, String name, TrainerState state) throws IOException {
    Optional<JsonNode> found =
        server
            .get("experiments/get-by-name", "experiment_name", experiment)
            .map(answer -> answer.path("experiment").path("experiment_id"));
    JsonNode experimentId =
        found.isPresent()
            ? found.get()
            : server.post("experiments/create", Map.of("name", experiment)).path("experiment_id");
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("experiment_id", experimentId.asText());
    run.put("run_name", name);
    run.put("start_time", System.currentTimeMillis());
    run.put("tags", pairs(tags(name, state)));
    String id = server.post("runs/create", run).path("run").path("info").path("run_id").asText();
    if (id.isEmpty()) {
      throw new IOException("runs/create named no run_id");
    }
    return id;
  }

  private static Map<String, Object> tags(String name, TrainerState state) {
    Map<String, Object> tags = new LinkedHashMap<>();
    tags.put("mlflow.runName", name);
    tags.put("mlflow.source.name", "uio train");
    tags.put("data_fingerprint", state.dataFingerprint());
    tags.put("model_fingerprint", state.modelFingerprint());
    state.versions().forEach((program, version) -> tags.put("version." + program, version));
    return tags;
  }

  private void describe(TrainerState state) throws IOException {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("seed", state.seed());
    params.putAll(state.settings());
    List<Map<String, String>> pairs = pairs(params);
    for (int from = 0; from < pairs.size(); from += PARAMS_A_REQUEST) {
      int to = Math.min(pairs.size(), from + PARAMS_A_REQUEST);
      server.post("runs/log-batch", Map.of("run_id", id, "params", pairs.subList(from, to)));
    }
  }

  private static List<Map<String, String>> pairs(Map<String, Object> values) {
    List<Map<String, String>> pairs = new ArrayList<>();
    values.forEach(
        (key, value) -> {
          String text = String.valueOf(value);
          pairs.add(
              Map.of(
                  "key",
                  key,
                  "value",
                  text.substring(0, Math.min(PARAM_CHARACTERS, text.length()))));
        });
    return pairs;
  }

  @Override
  public void step(long step, Map<String, Double> values) throws IOException {
    long now = System.currentTimeMillis();
    values.forEach(
        (key, value) -> {
          if (unsent.size() < KEPT) {
            unsent.add(Map.of("key", key, "value", value, "timestamp", now, "step", step));
          } else if (leftOut++ == 0) {
            LOG.warn(
                "MLflow has missed {} values since its server was last there; those from step {} on are left out until it is back, metrics.jsonl has them all",
                KEPT,
                step);
          }
        });
    if (System.nanoTime() - tried > PAUSE) {
      flush();
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      while (!unsent.isEmpty()) {
        List<Map<String, Object>> batch =
            unsent.subList(0, Math.min(METRICS_A_REQUEST, unsent.size()));
        server.post("runs/log-batch", Map.of("run_id", id, "metrics", batch));
        batch.clear();
      }
    } finally {
      // From the end of a try: it may have waited for a server that hangs, longer than the pause.
      tried = System.nanoTime();
    }
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    if (leftOut > 0) {
      LOG.warn("{} values were left out of MLflow; metrics.jsonl has them", leftOut);
    }
    try {
      flush();
      if (leftOut > 0) {
        server.post(
            "runs/set-tag",
            Map.of("run_id", id, "key", "values_left_out", "value", Long.toString(leftOut)));
      }
    } finally {
      // A server that takes no values may still take this: else the run would go on there for ever.
      server.post(
          "runs/update",
          Map.of("run_id", id, "status", outcome.name(), "end_time", System.currentTimeMillis()));
    }
  }
}
