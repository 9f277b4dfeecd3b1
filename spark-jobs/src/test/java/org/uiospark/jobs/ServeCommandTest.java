package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.jobs.memory.MemorizedBooks;
import org.uiospark.jobs.serve.Serve;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.Sha256;

/** A server over the embedded model, and what it says beside what {@code generate} says. */
class ServeCommandTest extends CommandInput {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXTS = "/v1/completions";
  private static final String CHATS = "/v1/chat/completions";
  private static final String MEMORIES = "/v1/memories";
  private static final String TEMPLATE =
      "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}"
          + "{% if add_generation_prompt %}<assistant>{% endif %}";
  private static final int MOST_NEW = 60;

  @TempDir static Path place;
  private static Path served;
  private static Path with;
  private static Serve serve;
  private static ServeClient client;

  @BeforeAll
  static void start() throws IOException {
    served = Files.createDirectory(place.resolve("model"));
    for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(TINY.resolve(file), served.resolve(file));
    }
    Files.writeString(served.resolve("chat_template.jinja"), TEMPLATE);
    with = MemorizedBooks.adapter(place.resolve("adapter"), 0.05);
    serve = start(Map.of());
    client = ServeClient.of(serve.url());
  }

  @AfterAll
  static void end() {
    serve.close();
  }

  private static Serve start(Map<String, Object> changed) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("serve.model", served.toString());
    settings.put("serve.adapter", with.toString());
    settings.put("serve.memory-tokens", 4);
    settings.put("serve.memories", place.resolve("memories").toString());
    settings.put("serve.port", 0);
    settings.put("serve.workers", 2);
    settings.put("serve.max-new-tokens", MOST_NEW);
    settings.put("serve.max-prompt-tokens", 5_000);
    settings.put("serve.max-body", 1 << 20);
    settings.putAll(changed);
    return Serve.start(
        Settings.of(null, settings), org.uiospark.jobs.options.ConfiguredCommand.hadoop());
  }

  /** What generate continues a text with, which it ends with a line end of its own. */
  private String generated(String text, int tokens, Object... options) throws IOException {
    Files.writeString(prompt, text);
    List<Object> words =
        new ArrayList<>(
            List.of(
                "generate",
                "--model",
                served,
                "--adapter",
                with,
                "--memory-tokens",
                4,
                "--prompt-file",
                prompt,
                "--max-new-tokens",
                tokens));
    words.addAll(List.of(options));
    CommandRun run = CommandRun.of(words.toArray());
    assertThat(run.err()).isEmpty();
    return run.out().substring(0, run.out().length() - System.lineSeparator().length());
  }

  @Test
  void anAnswerIsWhatGenerateSays() throws Exception {
    String text = MemorizedBooks.book(2_000, 3_000);

    JsonNode answer = client.asked(TEXTS, Map.of("model", "uio", "prompt", text, "max_tokens", 50));

    assertThat(answer.at("/choices/0/text").textValue())
        .isEqualTo(generated(text, 50))
        .isNotEmpty();
    assertThat(answer.path("object").textValue()).isEqualTo("text_completion");
    assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
    assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(50);
    assertThat(
            client.asked(TEXTS, Map.of("prompt", text)).at("/usage/completion_tokens").intValue())
        .as("as OpenAI has it")
        .isEqualTo(16);
  }

  @Test
  void drawsFollowTheSeedAsThoseOfGenerate() throws Exception {
    String text = MemorizedBooks.book(2_000, 2_300);

    assertThat(
            client.completion(
                Map.of(
                    "prompt", text, "max_tokens", 40, "temperature", 0.9, "top_p", 0.8, "seed", 7)))
        .isEqualTo(generated(text, 40, "--temperature", 0.9, "--top-p", 0.8, "--seed", 7))
        .isNotEqualTo(generated(text, 40));
  }

  @Test
  void aStreamHasTheSameTextInParts() throws Exception {
    String text = MemorizedBooks.book(5_000, 5_500);
    Map<String, Object> body =
        Map.of(
            "prompt",
            text,
            "max_tokens",
            50,
            "stream",
            true,
            "stream_options",
            Map.of("include_usage", true));

    List<JsonNode> events = ServeClient.events(client.lines(TEXTS, body));

    assertThat(events).hasSizeGreaterThan(10);
    assertThat(joined(events, "/choices/0/text"))
        .isEqualTo(client.completion(Map.of("prompt", text, "max_tokens", 50)));
    assertThat(events.get(events.size() - 2).at("/choices/0/finish_reason").textValue())
        .isEqualTo("length");
    assertThat(events.get(events.size() - 1).at("/usage/completion_tokens").intValue())
        .isEqualTo(50);
    assertThat(events).map(event -> event.path("id")).containsOnly(events.get(0).path("id"));
  }

  private static String joined(List<JsonNode> events, String where) {
    return events.stream().map(event -> event.at(where).asText()).collect(Collectors.joining());
  }

  @Test
  void aChatGoesThroughTheTemplateOfTheBase() throws Exception {
    List<Map<String, String>> messages =
        List.of(
            Map.of("role", "system", "content", "Be brief."),
            Map.of("role", "user", "content", "Who is Emma?"));
    String expected = generated("<system>Be brief.\n<user>Who is Emma?\n<assistant>", 30);
    Map<String, Object> body =
        new HashMap<>(Map.of("model", "uio", "messages", messages, "max_completion_tokens", 30));

    JsonNode whole = client.asked(CHATS, body);
    body.put("stream", true);
    List<JsonNode> events = ServeClient.events(client.lines(CHATS, body));

    assertThat(whole.at("/choices/0/message/content").textValue()).isEqualTo(expected);
    assertThat(whole.at("/choices/0/message/role").textValue()).isEqualTo("assistant");
    assertThat(whole.path("object").textValue()).isEqualTo("chat.completion");
    assertThat(joined(events, "/choices/0/delta/content")).isEqualTo(expected);
    assertThat(events.get(0).at("/choices/0/delta/role").textValue()).isEqualTo("assistant");
    assertThat(events.get(0).path("object").textValue()).isEqualTo("chat.completion.chunk");
    assertThat(client.asked(CHATS, Map.of("messages", messages)).at("/usage/completion_tokens"))
        .as("as OpenAI has it")
        .hasToString(String.valueOf(MOST_NEW));
  }

  /** The question is longer than a segment, so that it is read into memories. */
  @Test
  void aTextGoesInOnceAndIsAskedByItsId() throws Exception {
    String book = MemorizedBooks.book(2_000, 6_000);
    String question = " said " + "that nobody knew ".repeat(20) + "where";

    JsonNode memory = client.asked(MEMORIES, Map.of("text", book));
    String id = memory.path("id").textValue();
    Map<String, Object> body = Map.of("memory", id, "prompt", question, "max_tokens", 40);
    String first = client.completion(body);
    double cached = client.metric("uio_memories_cached_total");
    String second = client.completion(body);

    assertThat(id).isEqualTo(Sha256.hex(book.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    Path file = place.resolve("memories").resolve(id + ".safetensors");
    assertThat(first)
        .isEqualTo(generated(book + question, 40))
        .isEqualTo(generated(question, 40, "--memory", file));
    assertThat(second).isEqualTo(first);
    assertThat(client.metric("uio_memories_cached_total")).isEqualTo(cached + 1);
    assertThat(client.asked(MEMORIES, Map.of("text", book))).isEqualTo(memory);
    assertThat(JSON.readTree(client.get(MEMORIES + "/" + id).body())).isEqualTo(memory);
    HttpResponse<String> plain =
        client.send(
            client
                .request(MEMORIES)
                .header("Content-Type", "text/plain; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofString(book)));
    assertThat(JSON.readTree(plain.body())).isEqualTo(memory);
  }

  @Test
  @Tag("cluster")
  void aTextThatIsPostedHasTheFileThatMemorizeMakes() throws Exception {
    Path books = Files.createDirectory(folder.resolve("books"));
    String book = MemorizedBooks.book(7_000, 12_345);
    Files.writeString(books.resolve("book.txt"), book);
    Path out = folder.resolve("memorized");
    MemorizedBooks.run(1, MemorizedBooks.settings(with, books, out));

    String id = client.asked(MEMORIES, Map.of("text", book)).path("id").textValue();

    Path file = place.resolve("memories").resolve(id + ".safetensors");
    assertThat(MemorizedBooks.files(out))
        .containsExactly(
            Map.entry(file.getFileName().toString(), Sha256.hex(Files.readAllBytes(file))));
  }

  /** A text with a byte order mark: its file is named by all its bytes, wherever it is read. */
  @ParameterizedTest
  @CsvSource({"UTF-8", "UTF-16LE"})
  @Tag("cluster")
  void aFileThatIsPostedHasTheNameThatMemorizeGivesIt(String charset) throws Exception {
    Path books = Files.createDirectory(folder.resolve("marked"));
    byte[] book =
        ("\uFEFF" + MemorizedBooks.book(9_000, 12_345))
            .getBytes(java.nio.charset.Charset.forName(charset));
    Files.write(books.resolve("book.txt"), book);
    Path out = folder.resolve("memorized-marked");
    MemorizedBooks.run(1, MemorizedBooks.settings(with, books, out));

    HttpResponse<String> answer =
        client.send(
            client
                .request(MEMORIES)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofByteArray(book)));

    String id = JSON.readTree(answer.body()).path("id").textValue();
    Path file = place.resolve("memories").resolve(id + ".safetensors");
    assertThat(MemorizedBooks.files(out))
        .containsExactly(
            Map.entry(file.getFileName().toString(), Sha256.hex(Files.readAllBytes(file))));
  }

  /** It is no fault of who asks, and mended by posting the text. */
  @Test
  void aMemoryThatIsDamagedIsMadeAgainWhenItsTextIsPosted() throws Exception {
    String book = MemorizedBooks.book(6_000, 8_000);
    String id = client.asked(MEMORIES, Map.of("text", book)).path("id").textValue();
    Path file = place.resolve("memories").resolve(id + ".safetensors");
    byte[] whole = Files.readAllBytes(file);
    // Another file: of one that is mapped no byte may go.
    Files.delete(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
    String body = JSON.writeValueAsString(Map.of("memory", id, "prompt", " He", "max_tokens", 3));

    for (HttpResponse<String> answer :
        List.of(client.post(TEXTS, body), client.get(MEMORIES + "/" + id))) {
      assertError(answer, 500, "POST its text");
      assertThat(JSON.readTree(answer.body()).at("/error/code").textValue())
          .isEqualTo("damaged_memory");
      assertThat(answer.body()).doesNotContain(place.toString());
    }
    client.asked(MEMORIES, Map.of("text", book));
    assertThat(file).hasBinaryContent(whole);
    assertThat(client.post(TEXTS, body).statusCode()).isEqualTo(200);
  }

  @Test
  void withoutACacheEveryQuestionLoadsTheFile() throws Exception {
    String book = MemorizedBooks.book(3_000, 5_000);
    Map<String, Object> body = new HashMap<>(Map.of("prompt", " He", "max_tokens", 20));
    body.put("memory", client.asked(MEMORIES, Map.of("text", book)).path("id").textValue());
    String expected = client.completion(body);

    try (Serve bare = start(Map.of("serve.cache", 0))) {
      ServeClient other = ServeClient.of(bare.url());
      assertThat(other.completion(body)).isEqualTo(expected);
      assertThat(other.completion(body)).isEqualTo(expected);
      assertThat(other.metric("uio_memories_loaded_total")).isEqualTo(2);
      assertThat(other.metric("uio_memory_cache_bytes")).isZero();
    }
  }

  @Test
  void manyAtOnceGetTheAnswersOfOneAlone() throws Exception {
    List<Map<String, Object>> bodies = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String book = MemorizedBooks.book(1_000 * i, 1_000 * i + 1_500);
      String id = client.asked(MEMORIES, Map.of("text", book)).path("id").textValue();
      bodies.add(Map.of("memory", id, "prompt", " and then", "max_tokens", 30));
      bodies.add(Map.of("prompt", book, "max_tokens", 30));
    }
    for (Map<String, Object> body : bodies) {
      alone.add(client.completion(body));
    }
    ExecutorService clients = Executors.newFixedThreadPool(16);
    try {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 48; i++) {
        Map<String, Object> body = bodies.get(i % bodies.size());
        answers.add(clients.submit(() -> client.completion(body)));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(alone.get(i % bodies.size()));
      }
    } finally {
      clients.shutdownNow();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": | 400 | not valid JSON",
        "[] | 400 | object",
        "{\"prompt\": \"\"} | 400 | prompt is empty",
        "{\"prompt\": [\"a\", \"b\"]} | 400 | not one text",
        "{} | 400 | prompt is not one text",
        "{\"prompt\": \"a\", \"model\": \"gpt\"} | 404 | no model of that name",
        "{\"prompt\": \"a\", \"memory\": \"book\"} | 404 | no memory of that id",
        "{\"prompt\": \"a\", \"memory\": \"../../etc/passwd\"} | 404 | no memory of that id",
        "{\"prompt\": \"a\", \"max_tokens\": 61} | 400 | give 1 to 60",
        "{\"prompt\": \"a\", \"max_tokens\": 0} | 400 | give 1 to 60",
        "{\"prompt\": \"a\", \"max_tokens\": 1.5} | 400 | no whole number",
        "{\"prompt\": \"a\", \"temperature\": -1} | 400 | temperature",
        "{\"prompt\": \"a\", \"temperature\": \"hot\"} | 400 | no number",
        "{\"prompt\": \"a\", \"stream\": \"yes\"} | 400 | neither true nor false",
        "{\"prompt\": \"a\", \"stop\": \"b\"} | 400 | 'stop' is not supported",
        "{\"prompt\": \"a\", \"n\": 2} | 400 | 'n' is not supported"
      })
  void whatCannotBeAnsweredIsRefusedInOneLine(String body, int status, String says)
      throws Exception {
    assertError(client.post(TEXTS, body), status, says);
  }

  private static void assertError(HttpResponse<String> answer, int status, String says)
      throws IOException {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    JsonNode error = JSON.readTree(answer.body()).path("error");
    assertThat(error.path("message").textValue()).contains(says);
    assertThat(error.path("type").isTextual()).isTrue();
  }

  @Test
  void valuesThatChangeNothingAreNoRefusal() throws Exception {
    String body =
        "{\"prompt\": \"The boy\", \"n\": 1, \"stop\": null, \"presence_penalty\": 0,"
            + " \"logit_bias\": {}, \"echo\": false, \"user\": \"me\"}";

    assertThat(client.post(TEXTS, body).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNotThereIsRefused() throws Exception {
    assertError(client.get("/v1/embeddings"), 404, "/v1/completions");
    assertError(client.get(TEXTS), 405, "POST");
    assertError(client.get(MEMORIES + "/" + "0".repeat(64)), 404, "no memory");
    assertError(client.post(MEMORIES, "{\"text\": \"\"}"), 400, "empty");
    assertError(client.post(MEMORIES, "{\"text\": 3}"), 400, "text is no text");
    assertError(client.post(CHATS, "{\"messages\": []}"), 400, "empty");
    assertError(client.post(CHATS, "{\"messages\": [{\"role\": 1}]}"), 400, "role");
    assertThat(JSON.readTree(client.get("/v1/models").body()).at("/data/0/id").textValue())
        .isEqualTo("uio");
    assertThat(client.get("/v1/models/uio").statusCode()).isEqualTo(200);
  }

  @Test
  void aPromptOrABodyThatIsTooLongIsRefused() throws Exception {
    ObjectNode body = JSON.createObjectNode().put("prompt", "word ".repeat(20_000));
    assertError(client.post(TEXTS, body.toString()), 400, "more than the 5000 tokens");
    try (Serve small = start(Map.of("serve.max-document-tokens", 100))) {
      body = JSON.createObjectNode().put("text", "word ".repeat(200));
      assertError(
          ServeClient.of(small.url()).post(MEMORIES, body.toString()), 400, "more than the 100");
    }

    byte[] large = new byte[100 << 20];
    for (HttpRequest.BodyPublisher publisher :
        List.of(
            HttpRequest.BodyPublishers.ofByteArray(large),
            HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))) {
      assertError(
          client.send(client.request(TEXTS).POST(publisher)), 413, "more than 1048576 bytes");
    }
    assertThat(client.completion(Map.of("prompt", "The boy"))).isNotEmpty();
  }

  @Test
  void whoComesWhenAllPlacesAreTakenIsToldToComeAgain() throws Exception {
    try (Serve small = start(Map.of("serve.workers", 1, "serve.batch", 1, "serve.queue", 1))) {
      ServeClient other = ServeClient.of(small.url());
      try (Socket first = other.unfinished(TEXTS);
          Socket second = other.unfinished(MEMORIES)) {
        awaitPlaces(other, 2);
        HttpResponse<String> third = other.post(TEXTS, "{\"prompt\": \"a\"}");
        assertError(third, 429, "all 2 places are taken");
        assertThat(third.headers().firstValue("Retry-After")).contains("1");
        assertThat(other.get("/health").statusCode()).isEqualTo(200);
        assertThat(first.isConnected() && second.isConnected()).isTrue();
      }
      // Their connections were cut, so their places are free.
      awaitPlaces(other, 0);
      assertThat(other.completion(Map.of("prompt", "a", "max_tokens", 3))).isNotNull();
    }
  }

  private static void awaitPlaces(ServeClient of, int taken) throws Exception {
    for (int i = 0; i < 600 && of.metric("uio_places_taken") != taken; i++) {
      Thread.sleep(50);
    }
    assertThat(of.metric("uio_places_taken")).isEqualTo(taken);
  }

  @Test
  void whereThereIsATokenRequestsBearIt() throws Exception {
    Path file = Files.writeString(folder.resolve("token"), "a-long-secret-word\n");
    try (Serve closed = start(Map.of("serve.token-file", file.toString()))) {
      ServeClient other = ServeClient.of(closed.url());
      assertError(other.get("/v1/models"), 401, "Authorization: Bearer");
      assertError(
          other.send(other.request("/v1/models").header("Authorization", "Bearer wrong")),
          401,
          "Authorization: Bearer");
      assertError(other.post(TEXTS, "{\"prompt\": \"a\"}"), 401, "Authorization: Bearer");
      assertThat(other.get("/health").statusCode()).isEqualTo(200);
      assertThat(
              other
                  .send(
                      other
                          .request("/v1/models")
                          .header("Authorization", "Bearer a-long-secret-word"))
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void whatCannotBeServedIsRefused() throws Exception {
    Object[] words = {
      "serve", "--model", served, "--adapter", with, "--memories", folder, "--port", 0
    };
    assertRefused(run(words, "--host", "0.0.0.0"), "serve.host 0.0.0.0", "--token-file");
    Path weak = Files.writeString(folder.resolve("token"), "short");
    assertRefused(run(words, "--token-file", weak), "token file", "at least 16");
    assertRefused(run(words, "--host", "no.such.host.invalid"), "no.such.host.invalid");
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      words[words.length - 1] = taken.getLocalPort();
      assertRefused(run(words), "cannot be listened at", "--port");
    }
  }

  private static CommandRun run(Object[] words, Object... more) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(List.of(more));
    return CommandRun.of(all.toArray());
  }
}
