package org.uiospark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.InvalidInputException;

class ChatTemplateTest {
  private static final String LLAMA_3 =
      """
      {% set loop_messages = messages %}{% for message in loop_messages %}\
      {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'\
      + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}\
      {% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}\
      {% endif %}""";

  private static final String CHATML =
      """
      {%- for message in messages %}
          {%- if message.role == "user" or not message.role.startswith("s") %}
              {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  private static final List<Map<String, Object>> MESSAGES =
      List.of(
          Map.of("role", "system", "content", "Be {{ 7 * 7 }} brief.\n"),
          Map.of("role", "user", "content", " Hi <b>& you</b> "),
          Map.of("role", "assistant", "content", "Hello 'you'."));

  @Test
  void aTemplateOfLlama3GivesItsText() throws Exception {
    ChatTemplate template = template(LLAMA_3, 20_000).orElseThrow();
    String whole =
        "<s><|start_header_id|>system<|end_header_id|>\n\nBe {{ 7 * 7 }} brief.<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nHi <b>& you</b><|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n";
    assertThat(template.prompt(MESSAGES.subList(0, 2))).isEqualTo(whole);
    assertThat(template.conversation(MESSAGES)).isEqualTo(whole + "Hello 'you'.<|eot_id|>");
  }

  @Test
  void aTemplateWithWhitespaceControlAndPythonMethodsGivesItsText() throws Exception {
    ChatTemplate template = template(CHATML, 20_000).orElseThrow();
    assertThat(template.conversation(MESSAGES))
        .isEqualTo(
            "<|im_start|>user\n Hi <b>& you</b> <|im_end|>\n"
                + "<|im_start|>assistant\nHello 'you'.<|im_end|>\n");
    assertThat(template.prompt(MESSAGES.subList(0, 2)))
        .isEqualTo("<|im_start|>user\n Hi <b>& you</b> <|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void aTemplateIsFoundByNameAndMayBeMissing() throws Exception {
    String named =
        """
        {"chat_template": [{"name": "tool_use", "template": "T"},
          {"name": "default", "template": "D{{ eos_token }}"}],
         "eos_token": {"content": "</s>", "special": true}}""";
    ChatTemplate template =
        ChatTemplate.of(named.getBytes(StandardCharsets.UTF_8), "here", 20_000).orElseThrow();
    assertThat(template.conversation(MESSAGES)).isEqualTo("D</s>");
    assertThat(ChatTemplate.of("{}".getBytes(StandardCharsets.UTF_8), "here", 1)).isEmpty();
  }

  @Test
  void whatTheTemplateRefusesNamesItsReason() throws Exception {
    ChatTemplate template =
        template("{{ raise_exception('roles must alternate') }}", 20_000).orElseThrow();
    assertThatThrownBy(() -> template.conversation(MESSAGES))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessage("chat template: roles must alternate");
  }

  /** Each would take all time, memory or stack, or reach out of the conversation. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(x='ab') %}{% for a in range(60) %}{% set n.x = n.x + n.x %}"
            + "{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for a in range(60) %}{% set n.x = n.x + n.x %}"
            + "{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% include '/etc/passwd' %}",
        "{{ messages.getClass().forName('java.lang.Runtime') }}",
        "{% if true %}{% nonsense %}",
      })
  void aHostileTemplateIsStopped(String source) throws Exception {
    ChatTemplate template = template(source, 3_000).orElseThrow();
    assertThatThrownBy(() -> template.conversation(MESSAGES))
        .isInstanceOfAny(InvalidInputException.class, MalformedRecordException.class)
        .hasMessageContaining("chat");
  }

  @Test
  void aTemplateThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> template("x".repeat(70_000), 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("chat_template has 70000 characters");
  }

  /** Jinja2 strips the indent of a block, not the space between a text and a block. */
  @Test
  void spacesBeforeABlockCountWhereTextStandsBeforeThem() throws Exception {
    ChatTemplate template =
        template("{% if true %}\n  {% if true %}\na {% endif %}b{% endif %}", 20_000).orElseThrow();
    assertThat(template.conversation(MESSAGES)).isEqualTo("a b");
  }

  private static Optional<ChatTemplate> template(String source, long patienceMillis)
      throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    byte[] config =
        json.writeValueAsBytes(
            json.createObjectNode().put("chat_template", source).put("bos_token", "<s>"));
    return ChatTemplate.of(config, "tokenizer_config.json", patienceMillis);
  }
}
