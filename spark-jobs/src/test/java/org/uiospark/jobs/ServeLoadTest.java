package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.memory.MemorizedBooks;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.serve.Serve;
import org.uiospark.jobs.settings.Settings;

/** Many clients at once, for as many seconds as the property {@code uio.load-seconds} says. */
@Tag("cluster")
class ServeLoadTest extends CommandInput {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXTS = "/v1/completions";
  private static final int CLIENTS = 64;
  private static final int SECONDS = Integer.getInteger("uio.load-seconds", 5);

  private final ExecutorService clients = Executors.newCachedThreadPool();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private Serve serve;
  private ServeClient client;

  @BeforeEach
  void start() throws IOException {
    Path said = MemorizedBooks.adapter(folder.resolve("said"), 0.05);
    Map<String, Object> settings = new HashMap<>();
    settings.put("serve.model", model.toString());
    settings.put("serve.adapter", said.toString());
    settings.put("serve.memory-tokens", 4);
    settings.put("serve.memories", folder.resolve("memories").toString());
    settings.put("serve.port", 0);
    settings.put("serve.workers", 2);
    settings.put("serve.queue", 24);
    serve = Serve.start(Settings.of(null, settings), ConfiguredCommand.hadoop());
    client = ServeClient.of(serve.url());
  }

  @AfterEach
  void end() {
    clients.shutdownNow();
    serve.close();
  }

  /** Behind three texts and none, whole and streamed; answers in which segments end. */
  private List<Map<String, Object>> bodies() throws Exception {
    List<Map<String, Object>> bodies = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      Map<String, Object> body = new HashMap<>();
      body.put("max_tokens", 10 + 5 * i);
      body.put("stream", i % 3 == 0);
      if (i % 4 == 3) {
        body.put("prompt", MemorizedBooks.book(300 * i, 300 * i + 40 * i));
      } else {
        int from = 1_000 * (i % 4);
        String book = MemorizedBooks.book(from, from + 1_500);
        JsonNode memory = client.asked("/v1/memories", Map.of("text", book));
        body.put("memory", memory.path("id").textValue());
        body.put("prompt", " and then number " + i);
      }
      bodies.add(body);
    }
    return bodies;
  }

  /** The text of an answer; null where there was no place. */
  private String answer(Map<String, Object> body) throws Exception {
    if (Boolean.TRUE.equals(body.get("stream"))) {
      try (Stream<String> lines = client.lines(TEXTS, body)) {
        List<String> all = lines.toList();
        if (all.get(0).contains("rate_limit_error")) {
          return null;
        }
        return ServeClient.events(all.stream()).stream()
            .map(event -> event.at("/choices/0/text").textValue())
            .collect(Collectors.joining());
      }
    }
    HttpResponse<String> answer = client.post(TEXTS, JSON.writeValueAsString(body));
    if (answer.statusCode() == 429) {
      return null;
    }
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body()).at("/choices/0/text").textValue();
  }

  @Test
  void manyClientsGetTheAnswersOfOneAloneOrAreToldToComeAgain() throws Exception {
    List<Map<String, Object>> bodies = bodies();
    List<String> alone = new ArrayList<>();
    for (Map<String, Object> body : bodies) {
      alone.add(answer(body));
    }
    double tokens = client.metric("uio_new_tokens_total");
    double passes = client.metric("uio_passes_total");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      SplittableRandom random = new SplittableRandom(i);
      all.add(
          clients.submit(
              () -> {
                do {
                  int which = random.nextInt(bodies.size());
                  String said = answer(bodies.get(which));
                  if (said == null) {
                    turnedAway.incrementAndGet();
                    Thread.sleep(20);
                  } else {
                    assertThat(said).isEqualTo(alone.get(which));
                    answered.incrementAndGet();
                  }
                } while (System.nanoTime() < end);
                return null;
              }));
    }
    Future<?> rude = clients.submit(() -> leaveEarly(bodies.get(0), end));
    for (Future<?> each : all) {
      each.get(SECONDS + 120, TimeUnit.SECONDS);
    }
    rude.get(60, TimeUnit.SECONDS);

    assertThat(answered.get()).isPositive();
    assertThat(turnedAway.get()).as("more clients than places").isPositive();
    tokens = client.metric("uio_new_tokens_total") - tokens;
    passes = client.metric("uio_passes_total") - passes;
    assertThat(tokens / passes).as("tokens a pass").isGreaterThan(3);
    System.out.printf(
        Locale.ROOT,
        "%d clients, %d s: %d answers, %d turned away, %.0f tokens in %.0f passes%n",
        CLIENTS,
        SECONDS,
        answered.get(),
        turnedAway.get(),
        tokens,
        passes);
    for (int i = 0; i < 600 && client.metric("uio_places_taken") > 0; i++) {
      Thread.sleep(50);
    }
    assertThat(client.metric("uio_places_taken")).isZero();
  }

  /** Begins to read long streams, and cuts their connections. */
  private Void leaveEarly(Map<String, Object> body, long end) throws Exception {
    Map<String, Object> longer = new HashMap<>(body);
    longer.put("stream", true);
    longer.put("max_tokens", 1_000);
    byte[] content = JSON.writeValueAsBytes(longer);
    do {
      try (Socket socket = new Socket(client.url().getHost(), client.url().getPort())) {
        String head =
            "POST " + TEXTS + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + content.length;
        socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(content);
        socket.getOutputStream().flush();
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
      Thread.sleep(50);
    } while (System.nanoTime() < end);
    return null;
  }
}
