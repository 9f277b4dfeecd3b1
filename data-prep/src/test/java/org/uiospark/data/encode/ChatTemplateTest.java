package org.uiospark.data.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

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

  private static final Chat CHAT = new Chat(MESSAGES, null, null);

  @Test
  void aTemplateOfLlama3GivesItsText() throws Exception {
    ChatTemplate template = template(LLAMA_3);
    String whole =
        "<s><|start_header_id|>system<|end_header_id|>\n\nBe {{ 7 * 7 }} brief.<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nHi <b>& you</b><|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n";
    assertThat(template.prompt(CHAT.before(2)).text()).isEqualTo(whole);
    assertThat(template.conversation(CHAT).text()).isEqualTo(whole + "Hello 'you'.<|eot_id|>");
  }

  @Test
  void aTemplateWithWhitespaceControlAndPythonMethodsGivesItsText() throws Exception {
    ChatTemplate template = template(CHATML);
    assertThat(template.conversation(CHAT).text())
        .isEqualTo(
            "<|im_start|>user\n Hi <b>& you</b> <|im_end|>\n"
                + "<|im_start|>assistant\nHello 'you'.<|im_end|>\n");
    assertThat(template.prompt(CHAT.before(2)).text())
        .isEqualTo("<|im_start|>user\n Hi <b>& you</b> <|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void aTemplateIsFoundByNameAndMayBeMissing() throws Exception {
    String named =
        """
        {"chat_template": [{"name": "tool_use", "template": "T"},
          {"name": "default", "template": "D{{ eos_token }}"}],
         "eos_token": {"content": "</s>", "special": true}}""";
    byte[] config = named.getBytes(StandardCharsets.UTF_8);
    ChatTemplate template =
        ChatTemplate.of(config(Map.of(ChatConfig.CONFIG, config))).orElseThrow();
    assertThat(template.conversation(CHAT).text()).isEqualTo("D</s>");
    assertThat(template.conversation(new Chat(MESSAGES, List.of(), null)).text()).isEqualTo("T");
    assertThat(ChatTemplate.of(config(Map.of()))).isEmpty();
    assertThat(ChatTemplate.of(config(Map.of(ChatConfig.CONFIG, utf8("{}"))))).isEmpty();
  }

  /** Where transformers 4.57 and 5 save it; it wins over the one in the configuration. */
  @Test
  void aTemplateInAFileOfItsOwnIsRead() throws Exception {
    ChatTemplate template =
        ChatTemplate.of(
                config(
                    Map.of(
                        ChatConfig.CONFIG, utf8("{\"chat_template\": \"old\"}"),
                        ChatConfig.TEMPLATE, utf8("{{ bos_token }}new"),
                        ChatConfig.TOOL_TEMPLATE, utf8("tools"),
                        ChatConfig.SPECIAL_TOKENS, utf8("{\"bos_token\": \"<b>\"}"))))
            .orElseThrow();
    assertThat(template.conversation(CHAT).text()).isEqualTo("<b>new");
    assertThat(template.conversation(new Chat(MESSAGES, List.of(), null)).text())
        .isEqualTo("tools");
  }

  @Test
  void aTokenThatOnlyItsClassKnowsIsNotGuessed() throws Exception {
    String config =
        """
        {"tokenizer_class": "LlamaTokenizer", "eos_token": null,
         "chat_template": "{{ eos_token }}{% if tools %}{{ bos_token }}{% endif %}"}""";
    ChatTemplate template =
        ChatTemplate.of(config(Map.of(ChatConfig.CONFIG, utf8(config)))).orElseThrow();
    assertThat(template.conversation(CHAT).text()).isEmpty();
    assertThatThrownBy(() -> template.conversation(new Chat(MESSAGES, List.of(1L), null)))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("bos_token is not in tokenizer_config.json");
  }

  @Test
  void whatIsNotSupportedIsNamedWithItsLine() throws Exception {
    ChatTemplate template = template("\n{% block a %}{% endblock %}");
    assertThatThrownBy(() -> template.conversation(CHAT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "chat_template of tokenizer_config.json: line 2: the tag block is not supported in a"
                + " chat template");
  }

  @Test
  void whatTheTemplateRefusesNamesItsReason() throws Exception {
    ChatTemplate template = template("{{ raise_exception('roles must alternate') }}");
    assertThatThrownBy(() -> template.conversation(CHAT))
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
    ChatTemplate template = template(source);
    assertThatThrownBy(() -> template.conversation(CHAT))
        .isInstanceOfAny(InvalidInputException.class, MalformedRecordException.class)
        .hasMessageContaining("chat");
  }

  @Test
  void aTemplateThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> template("x".repeat(70_000)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("chat_template of tokenizer_config.json has 70000 characters");
  }

  /** Jinja2 strips the indent of a block, not the space between a text and a block. */
  @Test
  void spacesBeforeABlockCountWhereTextStandsBeforeThem() throws Exception {
    ChatTemplate template = template("{% if true %}\n  {% if true %}\na {% endif %}b{% endif %}");
    assertThat(template.conversation(CHAT).text()).isEqualTo("a b");
  }

  private static ChatTemplate template(String source) throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    byte[] config =
        json.writeValueAsBytes(
            json.createObjectNode().put("chat_template", source).put("bos_token", "<s>"));
    return ChatTemplate.of(config(Map.of(ChatConfig.CONFIG, config))).orElseThrow();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ChatConfig config(Map<String, byte[]> files) {
    return new ChatConfig("tokenizer_config.json", files, LocalDateTime.of(2026, 7, 4, 5, 6));
  }
}
