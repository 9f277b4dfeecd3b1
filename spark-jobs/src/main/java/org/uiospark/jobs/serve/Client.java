package org.uiospark.jobs.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One request on the wire, and the answer to it. */
final class Client {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What is read of a body that nobody wants, so that its sender comes to read the answer. */
  private static final long DRAINED = 1L << 30;

  private final HttpExchange exchange;
  private int status;

  Client(HttpExchange exchange) {
    this.exchange = exchange;
  }

  String method() {
    return exchange.getRequestMethod();
  }

  String path() {
    return exchange.getRequestURI().getPath();
  }

  /** A header of the request; empty without it. */
  String header(String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** What was answered; 0 if nothing was. */
  int status() {
    return status;
  }

  /**
   * The body of the request.
   *
   * @throws Refusal if it is longer than {@code most}
   */
  byte[] body(int most) throws IOException {
    String length = header("Content-Length");
    if (length.matches("\\d{1,18}") && Long.parseLong(length) > most) {
      throw tooLarge(most);
    }
    byte[] body = exchange.getRequestBody().readNBytes(most + 1);
    if (body.length > most) {
      throw tooLarge(most);
    }
    return body;
  }

  private static Refusal tooLarge(int most) {
    return new Refusal(
        Refusal.TOO_LARGE,
        "too_large",
        String.format(Locale.ROOT, "the body has more than %d bytes; send less", most));
  }

  void send(JsonNode content) throws IOException {
    send(200, "application/json", JSON.writeValueAsBytes(content));
  }

  void send(int answered, String type, byte[] content) throws IOException {
    status = answered;
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(answered, content.length);
    OutputStream out = exchange.getResponseBody();
    out.write(content);
    out.flush();
    drain();
    out.close();
  }

  /** The time that a client may take to send all of it is bounded by the server. */
  private void drain() throws IOException {
    InputStream body = exchange.getRequestBody();
    byte[] block = new byte[1 << 14];
    long left = DRAINED;
    int read = 0;
    while (read >= 0 && left > 0) {
      read = body.read(block);
      left -= read;
    }
  }

  void refuse(Refusal refusal) throws IOException {
    switch (refusal.status()) {
      case Refusal.UNAUTHORIZED -> exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      case Refusal.TOO_MANY, Refusal.STOPPING ->
          exchange.getResponseHeaders().set("Retry-After", "1");
      default -> {
        // The status says it all.
      }
    }
    send(refusal.status(), "application/json", JSON.writeValueAsBytes(error(refusal)));
  }

  private static JsonNode error(Refusal refusal) {
    var body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", refusal.getMessage())
        .put("type", refusal.type())
        .putNull("param")
        .put("code", refusal.code());
    return body;
  }

  /** Begins an answer of server-sent events. */
  Events events() throws IOException {
    status = 200;
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.getResponseHeaders().set("Cache-Control", "no-cache");
    exchange.sendResponseHeaders(status, 0);
    return new Events(exchange.getResponseBody());
  }

  /**
   * Server-sent events, each of which is sent at once.
   *
   * @param out to the client
   */
  record Events(OutputStream out) implements AutoCloseable {
    void send(JsonNode data) throws IOException {
      send(JSON.writeValueAsString(data));
    }

    void send(Refusal refusal) throws IOException {
      send(error(refusal));
    }

    /** Ends them, as OpenAI does. */
    void done() throws IOException {
      send("[DONE]");
    }

    private void send(String data) throws IOException {
      out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
