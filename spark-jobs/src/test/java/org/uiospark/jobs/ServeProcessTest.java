package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.memory.MemorizedBooks;

/** A server in a process of its own, with clients that are slow or go away, and signals. */
@Tag("cluster")
class ServeProcessTest extends CommandInput {
  private static final String TEXTS = "/v1/completions";
  private static final int CLIENT_SECONDS = 4;

  private Process process;
  private ServeClient client;

  @BeforeEach
  void adapterThatSaysSomething() throws IOException {
    adapter = MemorizedBooks.adapter(folder.resolve("said"), 0.05);
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private void start(Object... options) throws IOException {
    List<String> command = new ArrayList<>(ChildJvm.command("1g"));
    command.add(command.size() - 2, "-Dspark.master=local[2]");
    command.addAll(
        List.of(
            Main.class.getName(),
            "serve",
            "--model",
            model.toString(),
            "--adapter",
            adapter.toString(),
            "--memories",
            folder.resolve("memories").toString(),
            "--port",
            "0"));
    for (Object option : options) {
      command.add(option.toString());
    }
    Path err = folder.resolve("err");
    process = new ProcessBuilder(command).redirectError(err.toFile()).start();
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line)
        .as(() -> content(err))
        .startsWith("http://127.0.0.1:")
        .endsWith(" answers for uio");
    client = ServeClient.of(line.substring(0, line.indexOf(' ')));
  }

  private static String content(Path file) {
    try {
      return java.nio.file.Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Map<String, Object> longStream(int tokens) {
    return Map.of("prompt", "The boy ran home.", "max_tokens", tokens, "stream", true);
  }

  @Test
  void sigtermLetsAStreamEndAndThenTheProcess() throws Exception {
    start("--workers", 1, "--stop-seconds", 120);
    try (Stream<String> lines = client.lines(TEXTS, longStream(1_000))) {
      Iterator<String> each = lines.iterator();
      String first = each.next();

      process.destroy();

      List<String> all = new ArrayList<>(List.of(first));
      each.forEachRemaining(all::add);
      List<JsonNode> events = ServeClient.events(all.stream());
      assertThat(events.get(events.size() - 1).at("/choices/0/finish_reason").isTextual()).isTrue();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void whileARequestEndsOthersAreTurnedAway() throws Exception {
    start("--workers", 1, "--stop-seconds", 120);
    try (Socket slow = client.unfinished(TEXTS)) {
      awaitPlaces(1);
      process.destroy();
      HttpResponse<String> answer = client.get("/health");
      while (answer.statusCode() == 200) {
        Thread.sleep(20);
        answer = client.get("/health");
      }
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(client.post(TEXTS, "{\"prompt\": \"a\"}").statusCode()).isEqualTo(503);
      assertThat(process.isAlive() && slow.isConnected()).isTrue();
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aRequestThatDoesNotEndIsLeftAfterItsTime() throws Exception {
    start("--stop-seconds", 1, "--client-seconds", 600);
    try (Socket slow = client.unfinished(TEXTS)) {
      awaitPlaces(1);
      process.destroy();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(slow.isConnected()).isTrue();
    }
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aClientThatIsTooSlowIsCutAndGivesItsPlaceBack() throws Exception {
    start("--workers", 1, "--batch", 1, "--queue", 0, "--client-seconds", CLIENT_SECONDS);
    long begin = System.nanoTime();
    try (Socket slow = client.unfinished(TEXTS)) {
      slow.setSoTimeout(60_000);
      assertThat(isCut(slow)).isTrue();
    }
    assertThat((System.nanoTime() - begin) / 1e9).isGreaterThan(CLIENT_SECONDS - 1.5);
    awaitPlaces(0);
    assertThat(client.completion(Map.of("prompt", "a", "max_tokens", 3))).isNotNull();
  }

  /** It may answer that the request is broken before it ends the connection. */
  private static boolean isCut(Socket socket) throws IOException {
    try {
      InputStream in = socket.getInputStream();
      in.readAllBytes();
      return true;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void whatNobodyListensToIsNotComputedToItsEnd() throws Exception {
    start("--workers", 1, "--batch", 1, "--queue", 0, "--max-new-tokens", 1_000_000);
    HttpRequest request =
        client
            .request(TEXTS)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"prompt\": \"The boy\", \"max_tokens\": 1000000, \"stream\": true}"))
            .build();
    HttpResponse<InputStream> answer =
        client.http().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body().read()).isEqualTo('d');
    assertThat(client.post(TEXTS, "{\"prompt\": \"a\"}").statusCode()).isEqualTo(429);

    answer.body().close();

    awaitPlaces(0);
    assertThat(client.completion(Map.of("prompt", "a", "max_tokens", 3))).isNotNull();
    assertThat(client.metric("uio_connections_cut_total")).isEqualTo(1);
  }

  @Test
  void anAnswerThatTakesTooLongEnds() throws Exception {
    start("--workers", 1, "--max-new-tokens", 1_000_000, "--request-seconds", 3);
    HttpResponse<String> whole =
        client.post(TEXTS, "{\"prompt\": \"The boy\", \"max_tokens\": 1000000}");
    assertThat(whole.statusCode()).isEqualTo(408);
    assertThat(whole.body()).contains("time for this request is over");

    try (Stream<String> lines = client.lines(TEXTS, longStream(1_000_000))) {
      List<String> all = lines.filter(line -> !line.isEmpty()).toList();
      assertThat(all).hasSizeGreaterThan(1);
      assertThat(all.get(all.size() - 1)).contains("error", "time for this request is over");
    }
    awaitPlaces(0);
  }

  private void awaitPlaces(int taken) throws Exception {
    for (int i = 0; i < 600 && client.metric("uio_places_taken") != taken; i++) {
      Thread.sleep(50);
    }
    assertThat(client.metric("uio_places_taken")).isEqualTo(taken);
  }
}
