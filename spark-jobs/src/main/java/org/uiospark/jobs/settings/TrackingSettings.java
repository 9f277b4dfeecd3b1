package org.uiospark.jobs.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.uiospark.model.input.InvalidInputException;

/**
 * Who is told how a run goes, beside its own files.
 *
 * @param mlflowUri tracking server of MLflow, empty for none
 * @param mlflowExperiment experiment that the run belongs to
 */
public record TrackingSettings(String mlflowUri, String mlflowExperiment) {
  /** Nobody. */
  public static final TrackingSettings NONE = new TrackingSettings("", "uio");

  private static final String VARIABLE = "MLFLOW_TRACKING_URI";

  /** Refuses what is no server, and credentials, which would end up in logs. */
  public TrackingSettings {
    if (!mlflowUri.isEmpty()) {
      requireServer(mlflowUri);
    }
  }

  static TrackingSettings of(Settings settings, Map<String, String> environment) {
    String uri = settings.text("train.mlflow-uri");
    return new TrackingSettings(
        uri.isEmpty() ? environment.getOrDefault(VARIABLE, "").strip() : uri,
        settings.text("train.mlflow-experiment"));
  }

  private static void requireServer(String text) {
    // The text is not repeated: it may hold a password.
    try {
      URI uri = new URI(text);
      if (uri.getRawUserInfo() != null) {
        throw new InvalidInputException(
            "train.mlflow-uri (or MLFLOW_TRACKING_URI) holds a password; give it in"
                + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN");
      }
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return;
      }
    } catch (URISyntaxException notOne) {
      // Not passed on: its message repeats the text.
    }
    throw new InvalidInputException(refusal());
  }

  private static String refusal() {
    return "train.mlflow-uri (or MLFLOW_TRACKING_URI) is no tracking server; it must be"
        + " http://HOST:PORT or https://HOST";
  }
}
