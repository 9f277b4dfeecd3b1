package org.uiospark.jobs.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Answers as MLflow's tracking server does, with one experiment at most, and keeps what it got. */
final class RecordedServer implements AutoCloseable {
  private static final String ROOT = "/api/2.0/mlflow/";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A request. */
  record Request(String method, String query, String authorization, JsonNode body) {}

  private final HttpServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile boolean hasExperiment;
  private volatile Predicate<String> broken = method -> false;
  private volatile boolean hanging;
  private volatile int runs;

  RecordedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(ROOT, this::handle);
    server.start();
  }

  String uri() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** From now on every answer is an error. */
  void breakDown() {
    broken = method -> true;
  }

  /** From now on every answer to calls of a method is an error. */
  void refuse(String refused) {
    broken = refused::equals;
  }

  /** From now on there is no answer. */
  void hang() {
    hanging = true;
  }

  /** Answers as it should again. */
  void mend() {
    broken = method -> false;
  }

  List<Request> requests(String method) {
    return requests.stream().filter(request -> request.method().equals(method)).toList();
  }

  List<Request> requests() {
    return requests;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestURI().getPath().substring(ROOT.length());
    byte[] body = exchange.getRequestBody().readAllBytes();
    requests.add(
        new Request(
            method,
            exchange.getRequestURI().getQuery(),
            exchange.getRequestHeaders().getFirst("Authorization"),
            body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body)));
    if (hanging) {
      return;
    }
    boolean refused = broken.test(method);
    String answer = refused ? null : answer(method);
    byte[] bytes =
        (answer == null ? "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\"}" : answer)
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refused ? 500 : answer == null ? 404 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String answer(String method) {
    return switch (method) {
      case "experiments/get-by-name" ->
          hasExperiment ? "{\"experiment\": {\"experiment_id\": \"12\"}}" : null;
      case "experiments/create" -> {
        hasExperiment = true;
        yield "{\"experiment_id\": \"12\"}";
      }
      case "runs/create" ->
          String.format(Locale.ROOT, "{\"run\": {\"info\": {\"run_id\": \"run-%d\"}}}", ++runs);
      default -> "{}";
    };
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
