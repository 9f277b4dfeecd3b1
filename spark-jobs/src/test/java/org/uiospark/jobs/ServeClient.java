package org.uiospark.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A plain HTTP client of a server.
 *
 * @param url where it listens
 * @param http of the JDK
 */
record ServeClient(URI url, HttpClient http) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String DATA = "data: ";

  static ServeClient of(String url) {
    return new ServeClient(
        URI.create(url), HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofMinutes(2));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /** The object that a request is answered with. */
  JsonNode asked(String path, Map<String, ?> body) throws Exception {
    HttpResponse<String> answer = post(path, JSON.writeValueAsString(body));
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  /** The answer to a prompt. */
  String completion(Map<String, ?> body) throws Exception {
    return asked("/v1/completions", body).at("/choices/0/text").textValue();
  }

  /** The lines of an answer as they come. */
  Stream<String> lines(String path, Map<String, ?> body) throws Exception {
    HttpRequest request =
        request(path)
            .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofLines()).body();
  }

  /** Events of which each is one object, but the last, which says that it is. */
  static List<JsonNode> events(Stream<String> lines) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    List<String> data = lines.filter(line -> !line.isEmpty()).toList();
    if (!data.get(data.size() - 1).equals(DATA + "[DONE]")) {
      throw new AssertionError("no end: " + data.get(data.size() - 1));
    }
    for (String line : data.subList(0, data.size() - 1)) {
      events.add(JSON.readTree(line.substring(DATA.length())));
    }
    return events;
  }

  /** A connection on which a request begins and does not end. */
  Socket unfinished(String path) throws IOException {
    Socket socket = new Socket(url.getHost(), url.getPort());
    String head = "POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  /** A number of Prometheus. */
  double metric(String name) throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }
}
