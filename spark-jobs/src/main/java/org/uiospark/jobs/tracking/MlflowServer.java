package org.uiospark.jobs.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A tracking server of MLflow through its REST API 2.0. Credentials come from {@code
 * MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and {@code MLFLOW_TRACKING_PASSWORD},
 * and go nowhere but into requests.
 */
final class MlflowServer {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int NOT_FOUND = 404;
  private static final int MESSAGE = 300;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final String root;
  private final Optional<String> authorization;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  /**
   * @param uri http or https
   * @param environment where credentials are looked up
   */
  MlflowServer(String uri, Map<String, String> environment) {
    this.root = uri.replaceAll("/+$", "") + "/api/2.0/mlflow/";
    this.authorization = authorization(environment);
  }

  private static Optional<String> authorization(Map<String, String> environment) {
    String token = environment.get("MLFLOW_TRACKING_TOKEN");
    String user = environment.get("MLFLOW_TRACKING_USERNAME");
    if (token != null) {
      return Optional.of("Bearer " + token);
    }
    return Optional.ofNullable(user)
        .map(name -> name + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", ""))
        .map(pair -> Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .map(pair -> "Basic " + pair);
  }

  /** Calls a method that changes something. */
  JsonNode post(String method, Map<String, ?> body) throws IOException {
    HttpResponse<String> response =
        send(
            request(method)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    return answer(method, response);
  }

  /** Asks for something by one parameter; empty where there is no such thing. */
  Optional<JsonNode> get(String method, String parameter, String value) throws IOException {
    String query = parameter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    HttpResponse<String> response = send(request(method + "?" + query).GET());
    return response.statusCode() == NOT_FOUND
        ? Optional.empty()
        : Optional.of(answer(method, response));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path)).timeout(PATIENCE);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return request;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static JsonNode answer(String method, HttpResponse<String> response) throws IOException {
    if (response.statusCode() != 200) {
      String body = response.body().strip();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s answered %d: %s",
              method,
              response.statusCode(),
              body.substring(0, Math.min(MESSAGE, body.length()))));
    }
    return JSON.readTree(response.body());
  }
}
