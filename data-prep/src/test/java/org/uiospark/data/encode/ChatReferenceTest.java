package org.uiospark.data.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.uiospark.data.jinja.Template;
import org.uiospark.data.jinja.builtin.JsonValues;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.settings.Cutting;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TextTokenizer;

/**
 * Published templates by chats: text, tokens and labels are those of {@code transformers}, or the
 * chat is refused. How the expected values were made stands in {@code resources/chat/README.md}.
 */
class ChatReferenceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 4, 5, 6, 7);
  private static final int EOS = 2;

  private static JsonNode expected;
  private static Map<String, TextTokenizer> tokenizers;

  @BeforeAll
  static void read() throws IOException {
    try (InputStream in = resource("expected.json.gz")) {
      expected = JSON.readTree(new GZIPInputStream(in));
    }
    try (InputStream byteLevel = resource("byte-level.json");
        InputStream llama = new GZIPInputStream(resource("llama-2.json.gz"))) {
      tokenizers =
          Map.of(
              "byte-level", TextTokenizer.parse(byteLevel.readAllBytes(), "byte-level.json"),
              "llama-2", TextTokenizer.parse(llama.readAllBytes(), "llama-2.json"));
    }
  }

  @AfterAll
  static void close() {
    tokenizers.values().forEach(TextTokenizer::close);
  }

  private static InputStream resource(String name) {
    return ChatReferenceTest.class.getResourceAsStream("/chat/" + name);
  }

  /** Small templates, each for one construct. */
  @Test
  void constructsMeanWhatJinja2Means() {
    List<String> refused = new ArrayList<>();
    for (JsonNode each : expected.get("semantics")) {
      String source = each.get("template").textValue();
      String text;
      try {
        @SuppressWarnings("unchecked")
        Map<String, Object> names = (Map<String, Object>) JsonValues.of(expected.get("context"));
        List<?> messages = (List<?>) names.get("messages");
        text = Template.parse(source).render(messages, names, NOW).text();
      } catch (TemplateException e) {
        if (each.has("text")) {
          refused.add(source + ": " + e.getMessage());
        }
        continue;
      }
      assertThat(each.path("text").textValue()).as(source).isEqualTo(text);
    }
    // What Python does and this does not, it names.
    assertThat(refused)
        .hasSizeLessThan(expected.get("semantics").size() / 10)
        .allMatch(
            reason ->
                reason.contains("not supported")
                    || reason.contains("64 bits")
                    || reason.contains("no + between a markup"));
  }

  @Test
  void publishedTemplatesGiveTheTextTokensAndLabelsOfTransformers() throws Exception {
    Map<String, String> table = new TreeMap<>();
    assertThat(expected.get("templates")).hasSizeGreaterThan(15);
    for (JsonNode template : expected.get("templates")) {
      int rendered = 0;
      int refused = 0;
      int labelled = 0;
      ChatTemplate chats = template(template);
      for (int i = 0; i < template.get("cases").size(); i++) {
        JsonNode known = template.get("cases").get(i);
        JsonNode record = expected.get("chats").get(i);
        String where = template.get("name").textValue() + " / " + known.get("id").textValue();
        assertPrompt(chats, record, known, where);
        if (!known.has("text")) {
          assertThatThrownBy(() -> chats.conversation(ChatRecord.of(record)))
              .as(where)
              .isInstanceOf(MalformedRecordException.class);
          refused++;
          continue;
        }
        assertThat(chats.conversation(ChatRecord.of(record)).text())
            .as(where)
            .isEqualTo(known.get("text").textValue());
        rendered++;
        labelled += assertTokens(template, chats, record, known, where);
      }
      table.put(
          template.get("name").textValue(),
          rendered
              + " as transformers, "
              + labelled
              + " of them with labels, "
              + refused
              + " refused as there");
    }
    table.forEach((name, row) -> System.out.println(name + ": " + row));
  }

  private static void assertPrompt(
      ChatTemplate chats, JsonNode record, JsonNode known, String where) throws Exception {
    Chat chat = ChatRecord.of(record);
    if (known.has("prompt_error")) {
      assertThatThrownBy(() -> chats.prompt(chat)).isInstanceOf(MalformedRecordException.class);
    } else {
      assertThat(chats.prompt(chat).text())
          .as(where)
          .isEqualTo(
              known.has("prompt")
                  ? known.get("prompt").textValue()
                  : known.get("text").textValue() + known.get("prompt_adds").textValue());
    }
  }

  /** How many chats had labels to compare: one or none. */
  private static int assertTokens(
      JsonNode template, ChatTemplate chats, JsonNode record, JsonNode known, String where)
      throws Exception {
    SftEncoder encoder = encoder(template.get("tokenizer").textValue(), Optional.of(chats));
    int[] ids = ints(known.get("ids"));
    SftExample example;
    try {
      example = encoder.encode(record);
    } catch (MalformedRecordException e) {
      assertThat(e).as(where).hasMessageContaining("nothing to learn");
      assertThat(known.get("id").textValue()).as(where).isIn("sysonly", "emptyans");
      return 0;
    }
    assertThat(example.ids()).as(where).isEqualTo(ids);
    if (!known.has("mask")) {
      return 0;
    }
    assertThat(shown(template, example.labels()))
        .as(where)
        .isEqualTo(shown(template, labels(ids, known.get("mask"))));
    return 1;
  }

  /** The text that is learned, then the labels: a difference is seen in the first. */
  private static String shown(JsonNode template, int[] labels) {
    int[] learned = Arrays.stream(labels).filter(id -> id != TokenSequence.IGNORED).toArray();
    return tokenizers.get(template.get("tokenizer").textValue()).decode(learned)
        + Arrays.toString(labels);
  }

  @Test
  void aPromptAndItsResponseAreTokenizedAtOnce() throws Exception {
    for (JsonNode each : expected.get("responses")) {
      for (String tokenizer : tokenizers.keySet()) {
        JsonNode known = each.get(tokenizer);
        SftExample example = encoder(tokenizer, Optional.empty()).encode(each);
        int[] ids = ints(known.get("ids"));
        int[] closed = IntStream.concat(Arrays.stream(ids), IntStream.of(EOS)).toArray();
        int[] labels = labels(ids, known.get("mask"));
        int[] learned = IntStream.concat(Arrays.stream(labels), IntStream.of(EOS)).toArray();
        assertThat(example.ids()).as(each.toString()).isEqualTo(closed);
        assertThat(example.labels()).as(each.toString()).isEqualTo(learned);
      }
    }
  }

  private static int[] labels(int[] ids, JsonNode mask) {
    int[] labels = ids.clone();
    for (int i = 0; i < ids.length; i++) {
      labels[i] = mask.get(i).intValue() == 1 ? ids[i] : TokenSequence.IGNORED;
    }
    return labels;
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  private static SftEncoder encoder(String tokenizer, Optional<ChatTemplate> template) {
    Cutting cutting = new Cutting(16, 1 << 12, 1, EOS);
    return new SftEncoder(tokenizers.get(tokenizer), template, cutting);
  }

  private static ChatTemplate template(JsonNode template) throws IOException {
    Map<String, byte[]> files = new HashMap<>();
    files.put(
        ChatConfig.CONFIG,
        JSON.writeValueAsBytes(
            JSON.createObjectNode()
                .put("bos_token", "<s>")
                .put("eos_token", "</s>")
                .put("chat_template", template.get("template").textValue())));
    return ChatTemplate.of(new ChatConfig("tokenizer_config.json", files, NOW)).orElseThrow();
  }
}
