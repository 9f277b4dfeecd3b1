package org.uiospark.data.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.uiospark.data.jinja.value.Span;

class ChatAnswersTest {
  private static final Chat CHAT =
      new Chat(
          List.of(
              Map.of("role", "user", "content", "q"),
              Map.of("role", "assistant", "content", "a1"),
              Map.of("role", "user", "content", "r"),
              Map.of("role", "assistant", "content", "a2")),
          null,
          null);

  @Test
  void theHeaderThatAsksForAnAnswerIsNotLearned() throws Exception {
    assertThat(
            learned(
                "{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"
                    + "{% if add_generation_prompt %}<assistant>{% endif %}"))
        .containsExactly("a1<end>", "a2<end>");
  }

  /** The header is what stands before the content, whatever that is. */
  @Test
  void aTemplateWithoutAGenerationPromptDoesNotTeachItsHeader() throws Exception {
    assertThat(learned("{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}"))
        .containsExactly("a1<end>", "a2<end>");
    // Llama 2 has none; the model writes the space itself.
    assertThat(
            learned(
                "{% for m in messages %}{% if m.role == 'user' %}[{{ m.content }}]{% else %}"
                    + " {{ m.content }}</s>{% endif %}{% endfor %}"))
        .containsExactly(" a1</s>", " a2</s>");
  }

  @Test
  void whatFollowsTheLastAnswerEndsIt() throws Exception {
    assertThat(
            learned(
                "{% for m in messages %}{{ '[' ~ m.content ~ ']' }}{% endfor %}{{ eos_token }}"))
        .containsExactly("a1]", "a2]</s>");
  }

  /** As Qwen 3 with the thoughts of former turns. */
  @Test
  void anAnswerIsToldInTheWholeChat() throws Exception {
    assertThat(
            learned(
                "{% for m in messages %}<{{ m.role }}>{% if loop.last %}<think>{% endif %}"
                    + "{{ m.content }}<end>{% endfor %}"
                    + "{% if add_generation_prompt %}<assistant>{% endif %}"))
        .containsExactly("a1<end>", "<think>a2<end>");
  }

  @Test
  void aTemplateThatMarksItsAnswersIsBelieved() throws Exception {
    assertThat(
            learned(
                "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% else %}"
                    + "x{% generation %}{{ m.content }}!{% endgeneration %}y{% endif %}{% endfor %}"))
        .containsExactly("a1!", "a2!");
  }

  @Test
  void withoutALoopTheBeginningsOfTheChatTellTheAnswers() throws Exception {
    String byIndex =
        "{% for i in range(messages | length) %}{{ messages[i].content }};{% endfor %}";
    assertThat(learned(byIndex)).containsExactly("a1;", "a2;");
    assertThatThrownBy(() -> learned("{{ messages | length }}" + byIndex))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("message 1 changes the text before it");
  }

  @Test
  void anAnswerWhoseContentIsNotWrittenIsRefused() {
    assertThatThrownBy(() -> learned("{% for m in messages %}{{ m.role }}{% endfor %}"))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("message 1 is written without its content");
  }

  private static List<String> learned(String source) throws Exception {
    ObjectMapper json = new ObjectMapper();
    byte[] config =
        json.writeValueAsBytes(
            json.createObjectNode().put("chat_template", source).put("eos_token", "</s>"));
    ChatConfig files =
        new ChatConfig(
            "here", Map.of(ChatConfig.CONFIG, config), LocalDateTime.of(2026, 7, 4, 5, 6));
    ChatAnswers answers = new ChatAnswers(ChatTemplate.of(files).orElseThrow(), CHAT);
    List<Span> spans = answers.spans();
    return spans.stream().map(span -> answers.text().substring(span.start(), span.end())).toList();
  }
}
