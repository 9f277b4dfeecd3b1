package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TextTokenizer;

/** Data sets for objectives other than running text. */
class ObjectivePrepTest extends PrepFixture {
  private static final int EOS = 3;
  private static final String TEMPLATE =
      "{% for m in messages %}[{{ m.role }}]\n{{ m.content }}{{ eos_token }}{% endfor %}"
          + "{% if add_generation_prompt %}[assistant]\n{% endif %}";

  private String book;

  @BeforeEach
  void read() throws IOException {
    book = book();
  }

  @Test
  void aeKeepsFullSegmentsOnly() throws Exception {
    Files.writeString(input.resolve("a.txt"), book.substring(0, 9_100));
    PrepSummary summary = run("ae", Objective.AE);
    SequenceDataSet set = open("ae");
    assertThat(set.description().objective()).isEqualTo(Objective.AE);
    assertThat(folder.resolve("ae/state.json")).content().contains("\"objective\" : \"ae\"");
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int tokens = direct.encode(book.substring(0, 9_100)).length + 1;
      assertThat(tokens % 16).isNotZero();
      assertThat(summary.tokens()).isEqualTo(tokens - tokens % 16);
      assertThat(summary.rejected()).containsEntry("tail tokens dropped", (long) tokens % 16);
    }
    for (long i = 0; i < set.size(); i++) {
      assertThat(set.sequence(i).inputIds().length % 16).isZero();
    }
  }

  @Test
  void aPromptIsReadAndItsResponseLearned() throws Exception {
    String prompt = book.substring(0, 150) + "\n";
    String longPrompt = book.substring(0, 2_000) + "\n";
    record("{\"id\":\"short\",\"prompt\":%s,\"response\":\"It is Tom.\"}", prompt);
    record("{\"id\":\"long\",\"prompt\":%s,\"response\":\"It is Tom.\"}", longPrompt);
    PrepSummary summary = run("sft", Objective.SFT);
    SequenceDataSet set = open("sft");
    assertThat(set.size()).isEqualTo(2);
    assertThat(folder.resolve("sft/dataset_info.json")).content().contains("\"labels\"");
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] response = join(direct.encode("It is Tom."), new int[] {EOS});
      int[] shortIds = direct.encode(prompt);
      assertExample(set, "short", shortIds, response);
      int[] all = direct.encode(longPrompt);
      int kept = 16 * 8 - response.length;
      int head = (kept + 1) / 2;
      int[] ends =
          join(
              Arrays.copyOf(all, head),
              Arrays.copyOfRange(all, all.length - (kept - head), all.length));
      assertExample(set, "long", ends, response);
      assertThat(summary.rejected())
          .containsEntry("prompt tokens cut from the middle", (long) all.length - kept);
    }
    assertThat(run("sft", Objective.SFT).skipped()).isEqualTo(2);
  }

  @Test
  void everyAnswerOfAConversationIsLearned() throws Exception {
    chatTemplate(TEMPLATE);
    String long1 = book.substring(0, 100).replace('\n', ' ');
    record(
        "{\"id\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":%s},"
            + "{\"role\":\"assistant\",\"content\":\"Yes.\"},"
            + "{\"role\":\"user\",\"content\":\"Sure?\"},"
            + "{\"role\":\"assistant\",\"content\":\"No.\"},"
            + "{\"role\":\"user\",\"content\":\"Thanks.\"}]}",
        long1);
    run("chat", Objective.SFT);
    TokenSequence sequence = open("chat").sequence(0);
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] first = direct.encode("[user]\n" + long1 + "</s>[assistant]\n");
      int[] yes = direct.encode("Yes.</s>");
      int[] second = direct.encode("[user]\nSure?</s>[assistant]\n");
      int[] no = direct.encode("No.</s>");
      int[] thanks = direct.encode("[user]\nThanks.</s>");
      assertThat(sequence.inputIds()).isEqualTo(join(first, yes, second, no, thanks));
      assertThat(sequence.labels())
          .isEqualTo(join(ignored(first), yes, ignored(second), no, ignored(thanks)));
    }
    // The same records through another template are other sequences.
    chatTemplate("x" + TEMPLATE);
    assertThatThrownBy(() -> run("chat", Objective.SFT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("chat template sha256");
    assertThatThrownBy(() -> run("chat", Objective.LM))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("objective sft, now lm");
  }

  /** ShareGPT's and Alpaca's records are the same chat as messages, through the template's file. */
  @Test
  void chatsOfOtherDataSetsAreLearned() throws Exception {
    Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE.replace("eos_token", "'#'"));
    record(
        "{\"id\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":%s},"
            + "{\"role\":\"assistant\",\"content\":\"Yes.\"}]}",
        "Really?");
    record(
        "{\"id\":\"s\",\"conversations\":[{\"from\":\"human\",\"value\":%s},"
            + "{\"from\":\"gpt\",\"value\":\"Yes.\"}]}",
        "Really?");
    record("{\"id\":\"a\",\"instruction\":%s,\"input\":\"\",\"output\":\"Yes.\"}", "Really?");
    run("shapes", Objective.SFT);
    SequenceDataSet set = open("shapes");
    try (TextTokenizer direct = TextTokenizer.load(tokenizer)) {
      int[] prompt = direct.encode("[user]\nReally?#[assistant]\n");
      for (String id : List.of("m", "s", "a")) {
        assertExample(set, id, prompt, direct.encode("Yes.#"));
      }
      // Without a template an instruction is asked as Alpaca asks it.
      Files.delete(folder.resolve("chat_template.jinja"));
      Files.delete(input.resolve("in.jsonl"));
      record("{\"id\":\"a\",\"instruction\":%s,\"input\":\"x\",\"output\":\"Yes.\"}", "Sum up.");
      run("alpaca", Objective.SFT);
      int[] asked =
          direct.encode(
              "Below is an instruction that describes a task, paired with an input that provides"
                  + " further context. Write a response that appropriately completes the request."
                  + "\n\n### Instruction:\nSum up.\n\n### Input:\nx\n\n### Response:\n");
      int[] answer = join(direct.encode("Yes."), new int[] {EOS});
      SequenceDataSet alpaca = open("alpaca");
      assertExample(alpaca, "a", asked, answer);
    }
  }

  @Test
  void whatIsNoExampleIsRefusedWithItsLine() throws Exception {
    record("{\"prompt\":%s}", "no response");
    assertRefused("in.jsonl:1: no object with \"messages\", or with strings \"prompt\"");
    record("{\"messages\":[{\"role\":\"assistant\",\"content\":%s}]}", "Hi");
    assertRefused(
        "need a chat template: chat_template.jinja or a chat_template in tokenizer_config");
    chatTemplate("{{ raise_exception('no') }}");
    assertRefused("in.jsonl:1: chat template: no");
    chatTemplate("{{ messages | length }}");
    assertRefused("changes the text before it");
    chatTemplate(TEMPLATE);
    record("{\"messages\":[{\"role\":\"user\",\"content\":%s}]}", "Hi");
    assertRefused("no message of the assistant");
    record("{\"messages\":[{\"role\":\"user\",\"content\":{\"text\":%s}}]}", "Hi");
    assertRefused("strings \"role\" and \"content\"");
    record("{\"messages\":%s}", "Hi");
    assertRefused("\"messages\" is no list");
    record("{\"prompt\":%s,\"response\":\"\"}", "Who are you?");
    assertRefused("in.jsonl:1: \"response\" is empty, so nothing to learn");
    chatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}");
    record(
        "{\"messages\":[{\"role\":\"user\",\"content\":%s},"
            + "{\"role\":\"assistant\",\"content\":\"\"}]}",
        "Who are you?");
    assertRefused("in.jsonl:1: only empty answers, so nothing to learn");
    record("{\"prompt\":\"\",\"response\":%s}", book.substring(0, 4_000));
    assertRefused("no prompt long enough to be cut");
    Files.writeString(input.resolve("b.txt"), "text");
    assertRefused("b.txt is plain text; objective sft reads .jsonl");
  }

  private void assertRefused(String message) throws IOException {
    assertThatThrownBy(() -> run("refused", Objective.SFT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message);
    assertThat(folder.resolve("refused/state.json")).doesNotExist();
    Files.deleteIfExists(input.resolve("b.txt"));
    if (!message.contains("tokenizer_config") && !message.contains("chat template")) {
      Files.deleteIfExists(input.resolve("in.jsonl"));
    }
  }

  private static void assertExample(
      SequenceDataSet set, String docId, int[] prompt, int[] response) {
    for (long i = 0; i < set.size(); i++) {
      TokenSequence sequence = set.sequence(i);
      if (sequence.docId().equals(docId)) {
        assertThat(sequence.inputIds()).isEqualTo(join(prompt, response));
        assertThat(sequence.labels()).isEqualTo(join(ignored(prompt), response));
        return;
      }
    }
    throw new AssertionError("no example " + docId);
  }

  private static int[] join(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
  }

  private static int[] ignored(int[] ids) {
    int[] labels = new int[ids.length];
    Arrays.fill(labels, TokenSequence.IGNORED);
    return labels;
  }

  /** Adds a line with one value as a JSON string. */
  private void record(String line, String value) throws IOException {
    Path file = input.resolve("in.jsonl");
    List<String> lines =
        Files.exists(file) ? new ArrayList<>(Files.readAllLines(file)) : new ArrayList<>();
    lines.add(String.format(Locale.ROOT, line, new ObjectMapper().writeValueAsString(value)));
    Files.write(file, lines);
  }

  private void chatTemplate(String source) throws IOException {
    ObjectMapper json = new ObjectMapper();
    json.writeValue(
        folder.resolve("tokenizer_config.json").toFile(),
        json.createObjectNode().put("chat_template", source).put("eos_token", "</s>"));
  }

  private PrepSummary run(String name, Objective objective) {
    return prepare(
        new PrepSettings(
            List.of(input.toString()),
            out(name),
            tokenizer.toString(),
            objective,
            new Cutting(16, 8, 1, EOS),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            1 << 20,
            0));
  }
}
