package org.uiospark.jobs.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * What the web sees, on the server of the JDK. A thread waits for each connection and computes
 * nothing; {@link Workers} do, and refuse what is too much.
 */
final class Endpoints implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String HEALTH = "/health";
  private static final String METRICS = "/metrics";
  private static final String MODELS = "/v1/models";
  private static final String MEMORIES = "/v1/memories";
  private static final Map<String, Form> COMPLETIONS =
      Map.of("/v1/completions", Form.TEXT, "/v1/chat/completions", Form.CHAT);

  private final ServeSettings settings;
  private final Workers workers;
  private final MemoryShelf memories;
  private final Metrics metrics;
  private final long started = Instant.now().getEpochSecond();
  private HttpServer server;

  Endpoints(ServeSettings settings, Workers workers, MemoryShelf memories, Metrics metrics) {
    this.settings = settings;
    this.workers = workers;
    this.memories = memories;
    this.metrics = metrics;
  }

  /**
   * Begins to listen.
   *
   * @return where
   * @throws InvalidInputException if the port is taken
   */
  InetSocketAddress start() {
    server = JdkServer.create(settings.address(), settings.limits());
    server.createContext("/", this::handle);
    server.start();
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) {
    long begin = System.nanoTime();
    Client client = new Client(exchange);
    try (exchange) {
      try {
        authorize(client);
        route(client);
      } catch (Refusal e) {
        client.refuse(e);
      } catch (InvalidInputException e) {
        client.refuse(Refusal.badRequest(e.getMessage()));
      } catch (RuntimeException | Error e) {
        LOG.error("A request to {} failed", client.path(), e);
        client.refuse(
            new Refusal(
                Refusal.BROKEN, "failed", "the server could not do this; its log says why"));
      }
      metrics.countRequest(label(client.path()), client.status(), System.nanoTime() - begin);
    } catch (IOException e) {
      metrics.countCut();
      LOG.debug("A connection ended before its answer", e);
    }
  }

  private static String label(String path) {
    boolean known =
        COMPLETIONS.containsKey(path)
            || path.equals(HEALTH)
            || path.equals(METRICS)
            || path.equals(MODELS)
            || path.equals(MEMORIES);
    return known ? path : path.startsWith(MEMORIES + "/") ? MEMORIES + "/{id}" : "other";
  }

  /** Health is for whoever looks after processes, and tells nothing. */
  private void authorize(Client client) {
    byte[] expected = ("Bearer " + settings.token()).getBytes(StandardCharsets.UTF_8);
    byte[] given = client.header("Authorization").getBytes(StandardCharsets.UTF_8);
    // In a time that does not tell how much of it is right.
    if (!settings.token().isEmpty()
        && !client.path().equals(HEALTH)
        && !MessageDigest.isEqual(expected, given)) {
      throw new Refusal(
          Refusal.UNAUTHORIZED,
          "invalid_token",
          "send Authorization: Bearer TOKEN, with the token");
    }
    // Whatever page a browser on this machine shows could ask as well.
    if (settings.token().isEmpty() && !client.header("Origin").isEmpty()) {
      throw new Refusal(
          Refusal.FORBIDDEN,
          "web_page",
          "web pages are answered where the server has a token; start it with --token-file");
    }
  }

  private void route(Client client) throws IOException {
    String path = client.path();
    if (path.equals(HEALTH)) {
      require("GET", client);
      workers.requireOpen();
      client.send(JSON.createObjectNode().put("status", "ok"));
    } else if (path.equals(METRICS)) {
      require("GET", client);
      byte[] text =
          metrics.text(workers.taken(), memories.idleBytes()).getBytes(StandardCharsets.UTF_8);
      client.send(200, "text/plain; version=0.0.4; charset=utf-8", text);
    } else if (path.equals(MODELS)) {
      require("GET", client);
      ObjectNode list = JSON.createObjectNode().put("object", "list");
      list.putArray("data").add(model());
      client.send(list);
    } else if (path.equals(MODELS + "/" + settings.name())) {
      require("GET", client);
      client.send(model());
    } else if (COMPLETIONS.containsKey(path)) {
      require("POST", client);
      withPlace(() -> complete(client, COMPLETIONS.get(path)));
    } else if (path.equals(MEMORIES)) {
      require("POST", client);
      withPlace(() -> memorize(client));
    } else if (path.startsWith(MEMORIES + "/")) {
      require("GET", client);
      client.send(json(memories.find(path.substring(MEMORIES.length() + 1))));
    } else {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "not_found",
          "there is no "
              + path
              + " here, but "
              + String.join(", ", COMPLETIONS.keySet())
              + ", "
              + String.join(", ", MODELS, MEMORIES, HEALTH, METRICS));
    }
  }

  private static void require(String method, Client client) {
    if (!client.method().equals(method)) {
      throw new Refusal(Refusal.NOT_ALLOWED, "method_not_allowed", "ask with " + method + " here");
    }
  }

  private ObjectNode model() {
    return JSON.createObjectNode()
        .put("id", settings.name())
        .put("object", "model")
        .put("created", started)
        .put("owned_by", "uio");
  }

  private static ObjectNode json(StoredText memory) {
    return JSON.createObjectNode()
        .put("id", memory.id())
        .put("object", "memory")
        .put("tokens", memory.tokens())
        .put("segments", memory.segments());
  }

  /** Something that talks to a client. */
  private interface Talk {
    void run() throws IOException;
  }

  private void withPlace(Talk talk) throws IOException {
    workers.enter();
    try {
      talk.run();
    } finally {
      workers.leave();
    }
  }

  private void complete(Client client, Form form) throws IOException {
    CompletionRequest request =
        CompletionRequest.of(form, object(client.body(settings.limits().bodyBytes())), settings);
    CompletionJson json = new CompletionJson(form, settings.name());
    converse(
        reply -> new Workers.Completing(request, reply),
        reply -> {
          if (request.delivery() == Delivery.WHOLE) {
            sendWhole(client, json, reply);
          } else {
            stream(client, request.delivery(), json, reply);
          }
        });
  }

  private void memorize(Client client) throws IOException {
    MemoryShelf.Given text = text(client);
    converse(
        wanted ->
            new Workers.Alone(
                wanted,
                reply ->
                    reply.say(
                        new Reply.Memorized(
                            memories.memorize(text, settings.limits().documentTokens(), reply)))),
        reply -> client.send(json(((Reply.Memorized) heard(reply)).memory())));
  }

  /** The text of a document: a field of an object, or the body as it is. */
  private MemoryShelf.Given text(Client client) throws IOException {
    byte[] body = client.body(settings.limits().bodyBytes());
    MemoryShelf.Given text;
    if (client.header("Content-Type").startsWith("text/plain")) {
      try {
        text = MemoryShelf.Given.file(body);
      } catch (CharacterCodingException e) {
        throw Refusal.badRequest("the body is not UTF-8 text");
      }
    } else {
      JsonNode field = object(body).path("text");
      if (!field.isTextual()) {
        throw Refusal.badRequest("text is no text; send {\"text\": ...}, or text/plain");
      }
      text = MemoryShelf.Given.record(field.textValue());
    }
    if (text.text().isEmpty()) {
      throw Refusal.badRequest("the text is empty; there is nothing to memorize");
    }
    return text;
  }

  private static JsonNode object(byte[] body) {
    return InputJson.object("the body", body);
  }

  /** What is done with the words of a worker. */
  private interface Listener {
    void listen(Reply reply) throws IOException;
  }

  /** Has a worker work and somebody listen; when that one ends, the work does. */
  private void converse(Function<Reply, Workers.Work> work, Listener listener) throws IOException {
    Reply reply = new Reply(settings.limits().requestSeconds());
    Runnable takeBack = workers.submit(work.apply(reply));
    try {
      listener.listen(reply);
    } finally {
      reply.abandon();
      takeBack.run();
    }
  }

  private static Reply.Event heard(Reply reply) {
    Reply.Event event = next(reply);
    if (event instanceof Reply.Failed failed) {
      throw failed.refusal();
    }
    return event;
  }

  private static Reply.Event next(Reply reply) {
    try {
      return reply.next();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(Refusal.STOPPING, "stopping", "this server ends");
    }
  }

  private static void sendWhole(Client client, CompletionJson json, Reply reply)
      throws IOException {
    StringBuilder all = new StringBuilder();
    Reply.Event event = heard(reply);
    while (event instanceof Reply.Text text) {
      all.append(text.text());
      event = heard(reply);
    }
    client.send(json.whole(all.toString(), (Reply.End) event));
  }

  private static void stream(Client client, Delivery delivery, CompletionJson json, Reply reply)
      throws IOException {
    // Until here a status can say that it failed.
    Reply.Event event = heard(reply);
    try (Client.Events events = client.events()) {
      events.send(json.first());
      while (event instanceof Reply.Text text) {
        events.send(json.part(text.text()));
        event = next(reply);
      }
      if (event instanceof Reply.Failed failed) {
        events.send(failed.refusal());
        return;
      }
      Reply.End end = (Reply.End) event;
      events.send(json.last(end));
      if (delivery == Delivery.STREAMED_WITH_USAGE) {
        events.send(json.usage(end));
      }
      events.done();
    }
  }

  /** Ends all connections. */
  @Override
  public void close() {
    server.stop(0);
  }
}
