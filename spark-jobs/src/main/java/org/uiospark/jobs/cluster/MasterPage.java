package org.uiospark.jobs.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What the master's web page says in JSON.
 *
 * @param aliveWorkers workers that are registered
 * @param cores of all of them
 * @param coresUsed by executors
 * @param applications that run
 */
record MasterPage(int aliveWorkers, int cores, int coresUsed, int applications) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads the page; empty where no master answers. */
  static Optional<MasterPage> read(int port) {
    URI page =
        URI.create(String.format(Locale.ROOT, "http://%s:%d/json/", ClusterAddress.HOST, port));
    HttpRequest request = HttpRequest.newBuilder(page).timeout(PATIENCE).build();
    try {
      HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode json = JSON.readTree(response.body());
      if (!json.has("aliveworkers")) {
        return Optional.empty();
      }
      return Optional.of(
          new MasterPage(
              json.path("aliveworkers").asInt(),
              json.path("cores").asInt(),
              json.path("coresused").asInt(),
              json.path("activeapps").size()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
