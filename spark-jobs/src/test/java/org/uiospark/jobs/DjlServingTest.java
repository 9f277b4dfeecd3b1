package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What export wrote, served by DJL Serving itself, in a process of its own. Needs the server's jars
 * and what they need in the folder that {@value #SERVER} names.
 */
@Tag("cluster")
@EnabledIfEnvironmentVariable(
    named = DjlServingTest.SERVER,
    matches = ".+",
    disabledReason = "Skipped: name the folder of DJL Serving's jars to run this test")
class DjlServingTest extends CommandInput {
  static final String SERVER = "UIO_DJL_SERVING";
  private static final String MODEL = "/predictions/uio";
  private static final String JSON_TYPE = "application/json";
  private static final String TEXT_TYPE = "text/plain";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A word, several whole segments of 32 tokens, and more. */
  private static final List<String> PROMPTS =
      List.of(
          "Tom",
          "It was a dark night and the boy ran home. ".repeat(12),
          "\u201cShe had never been at the sea before.\u201d\n".repeat(30));

  private Path log;
  private Process process;
  private ServeClient client;

  @BeforeEach
  void export() {
    SavedRun.write(
        folder.resolve("run"), model, SavedRun.adapter(model, 4, 8), new SegmentSettings(32, 4));
    assertThat(export(folder.resolve("run")).status()).isZero();
  }

  @AfterEach
  void end() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /** As the README of the module model says. */
  private void start() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ChildJvm.options());
    command.addAll(ChildJvm.SHORT_LIVED);
    command.addAll(List.of("-Xmx1g", "-cp", classPath()));
    command.addAll(List.of("ai.djl.serving.ModelServer", "-m", "uio=" + folder.relativize(output)));
    String address = "http://127.0.0.1:" + freePort();
    log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("SERVING_INFERENCE_ADDRESS", address);
    builder.environment().put("SERVING_MANAGEMENT_ADDRESS", address);
    process = builder.start();
    client = ServeClient.of(address);
  }

  /** The module model and what it alone brings, before the server with all that it brings. */
  private static String classPath() {
    List<String> ours = List.of("/model/target/", "/ai/djl/", "/com/fasterxml/jackson/core/");
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> ours.stream().anyMatch(entry::contains))
            .collect(Collectors.joining(File.pathSeparator))
        + File.pathSeparator
        + Path.of(System.getenv(SERVER), "*").toAbsolutePath();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws Exception {
    for (int i = 0; i < 1200; i++) {
      assertThat(process.isAlive()).as(this::said).isTrue();
      try {
        assertThat(client.get("/ping").statusCode()).as(this::said).isEqualTo(200);
        return;
      } catch (ConnectException e) {
        Thread.sleep(50);
      }
    }
    throw new AssertionError(said());
  }

  private String said() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private CompletableFuture<HttpResponse<String>> ask(String type, String body) {
    HttpRequest.Builder request =
        client
            .request(MODEL)
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return client.http().sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> ask(String text, Map<String, ?> parameters)
      throws IOException {
    return ask(
        JSON_TYPE, JSON.writeValueAsString(Map.of("inputs", text, "parameters", parameters)));
  }

  /** What the command generate writes. */
  private String generated(String text, Object... options) throws IOException {
    Files.writeString(prompt, text);
    List<Object> words =
        new ArrayList<>(
            List.of("generate", "--model", model, "--adapter", output, "--prompt-file", prompt));
    words.addAll(List.of(options));
    CommandRun run = CommandRun.of(words.toArray());
    assertThat(run.status()).as(run.err()).isZero();
    return run.out().substring(0, run.out().length() - System.lineSeparator().length());
  }

  private static String text(CompletableFuture<HttpResponse<String>> answer) throws Exception {
    HttpResponse<String> response = answer.get();
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .get()
        .asString()
        .startsWith(JSON_TYPE);
    return JSON.readTree(response.body()).get("generated_text").textValue();
  }

  @Test
  void requestsAreAnsweredAsGenerateContinuesThem() throws Exception {
    start();
    awaitReady();

    List<CompletableFuture<HttpResponse<String>>> atOnce = new ArrayList<>();
    for (String text : PROMPTS) {
      atOnce.add(ask(text, Map.of("max_new_tokens", 16)));
    }
    CompletableFuture<HttpResponse<String>> drawn =
        ask(PROMPTS.get(1), Map.of("max_new_tokens", 16, "temperature", 1.5, "seed", 7));
    CompletableFuture<HttpResponse<String>> plain = ask(TEXT_TYPE, PROMPTS.get(2));

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < PROMPTS.size(); i++) {
      expected.add(generated(PROMPTS.get(i), "--max-new-tokens", 16));
      assertThat(text(atOnce.get(i))).isEqualTo(expected.get(i));
    }
    assertThat(expected).doesNotHaveDuplicates().doesNotContain("");
    assertThat(text(drawn))
        .isEqualTo(
            generated(PROMPTS.get(1), "--max-new-tokens", 16, "--temperature", 1.5, "--seed", 7))
        .isNotEqualTo(expected.get(1));
    assertThat(plain.get().statusCode()).isEqualTo(200);
    assertThat(plain.get().body()).isEqualTo(generated(PROMPTS.get(2), "--max-new-tokens", 128));

    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatTheClientCanMendIsToldInOneLine() throws Exception {
    start();
    awaitReady();

    assertRefused(ask(JSON_TYPE, "{\"inputs\": \"Tom"), "the body is not valid JSON");
    assertRefused(ask("Tom", Map.of("top_k", 5)), "'top_k' of the parameters is not supported");
    assertRefused(ask("Tom", Map.of("max_new_tokens", 0)), "max_new_tokens 0 is out of range");
    assertRefused(ask("", Map.of()), "the prompt is empty");
    assertRefused(
        ask("application/x-www-form-urlencoded", "Tom"), "send application/json or text/plain");
    assertThat(text(ask("Tom", Map.of("max_new_tokens", 4)))).isNotEmpty();
    assertThat(said()).doesNotContain("Exception");
  }

  private static void assertRefused(CompletableFuture<HttpResponse<String>> answer, String says)
      throws Exception {
    HttpResponse<String> response = answer.get();
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode body = JSON.readTree(response.body());
    assertThat(body.get("message").textValue()).contains(says).hasLineCount(1);
  }

  @Test
  void aBaseModelThatIsNotThereEndsTheServerWithALineThatSaysSo() throws Exception {
    Files.move(model, folder.resolve("elsewhere"));

    start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(this::said).isTrue();
    assertThat(said()).contains("the base model " + model, "is not here");
  }
}
