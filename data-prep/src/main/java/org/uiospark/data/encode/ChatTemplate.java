package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.data.jinja.Template;
import org.uiospark.data.jinja.value.Rendered;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * The chat template of a tokenizer: a chat in, the text that the model reads out, as {@code
 * apply_chat_template} of {@code transformers} gives it.
 *
 * <p>Safe for use by several threads.
 */
public final class ChatTemplate {
  /** HuggingFace's longest have some 20,000 characters. */
  private static final int MAX_TEMPLATE = 1 << 16;

  private static final String DEFAULT = "default";
  private static final String TOOL_USE = "tool_use";

  private final Map<String, String> sources;
  private final String where;
  private final Map<String, Object> specialTokens;
  private final LocalDateTime now;
  private final Map<String, Template> parsed = new ConcurrentHashMap<>();

  private ChatTemplate(
      Map<String, String> sources,
      String where,
      Map<String, Object> specialTokens,
      LocalDateTime now) {
    this.sources = sources;
    this.where = where;
    this.specialTokens = specialTokens;
    this.now = now;
  }

  /**
   * Reads what lies beside a tokenizer: {@code chat_template.jinja}, else the {@code chat_template}
   * of {@code tokenizer_config.json}.
   *
   * @return empty if it has no chat template
   * @throws InvalidInputException if a file is damaged, or a template too long
   */
  static Optional<ChatTemplate> of(ChatConfig chat) {
    JsonNode config = json(chat, ChatConfig.CONFIG);
    Map<String, String> sources = new LinkedHashMap<>();
    file(chat, ChatConfig.TEMPLATE).ifPresent(source -> sources.put(DEFAULT, source));
    file(chat, ChatConfig.TOOL_TEMPLATE).ifPresent(source -> sources.put(TOOL_USE, source));
    String where = ChatConfig.TEMPLATE + " beside " + chat.where();
    if (sources.isEmpty()) {
      sources.putAll(named(config.path("chat_template")));
      where = "chat_template of " + chat.where();
    }
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    for (String source : sources.values()) {
      if (source.length() > MAX_TEMPLATE) {
        throw new InvalidInputException(
            where
                + " has "
                + source.length()
                + " characters; at most "
                + MAX_TEMPLATE
                + " are supported");
      }
    }
    Map<String, Object> tokens = SpecialTokens.of(config, json(chat, ChatConfig.SPECIAL_TOKENS));
    return Optional.of(new ChatTemplate(sources, where, tokens, chat.now()));
  }

  private static JsonNode json(ChatConfig chat, String name) {
    byte[] bytes = chat.files().get(name);
    String where = name.equals(ChatConfig.CONFIG) ? chat.where() : name + " beside " + chat.where();
    return bytes == null ? MissingNode.getInstance() : InputJson.object(where, bytes);
  }

  private static Optional<String> file(ChatConfig chat, String name) {
    return Optional.ofNullable(chat.files().get(name))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** One text, or several by name. */
  private static Map<String, String> named(JsonNode template) {
    Map<String, String> sources = new LinkedHashMap<>();
    if (template.isTextual() && !template.textValue().isEmpty()) {
      sources.put(DEFAULT, template.textValue());
    }
    for (JsonNode named : template) {
      sources.put(named.path("name").asText(), named.path("template").asText(""));
    }
    return sources;
  }

  /** SHA-256 of the templates, in hexadecimal digits. */
  public String sha256() {
    String all = sources.size() == 1 ? sources.values().iterator().next() : sources.toString();
    return Sha256.hex(all.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A chat as it is.
   *
   * @throws MalformedRecordException if the template refuses it, or cannot render it exactly
   * @throws InvalidInputException if the template is none, or uses what is not supported
   */
  Rendered conversation(Chat chat) throws MalformedRecordException {
    return render(chat, false);
  }

  /**
   * The text that asks the assistant for an answer.
   *
   * @param record with {@code messages}, as OpenAI has them
   * @throws MalformedRecordException if it is no chat, or the template refuses it
   * @throws InvalidInputException if the template is none, or uses what is not supported
   */
  public String prompt(JsonNode record) throws MalformedRecordException {
    return prompt(ChatRecord.of(record)).text();
  }

  /** A chat that the assistant is to answer; errors as above. */
  Rendered prompt(Chat chat) throws MalformedRecordException {
    return render(chat, true);
  }

  private Rendered render(Chat chat, boolean answer) throws MalformedRecordException {
    Map<String, Object> names = new HashMap<>(specialTokens);
    names.put("tools", chat.tools());
    names.put("documents", chat.documents());
    names.put("add_generation_prompt", answer);
    Template template = template(chat.tools() != null);
    try {
      return template.render(chat.messages(), names, now);
    } catch (TemplateException e) {
      throw new MalformedRecordException("chat template: " + e.getMessage());
    }
  }

  private Template template(boolean tools) {
    String name = tools && sources.containsKey(TOOL_USE) ? TOOL_USE : DEFAULT;
    if (!sources.containsKey(name)) {
      throw new InvalidInputException(
          where + " has no template named default, but " + sources.keySet());
    }
    return parsed.computeIfAbsent(name, this::parse);
  }

  private Template parse(String name) {
    try {
      return Template.parse(sources.get(name));
    } catch (TemplateException e) {
      throw new InvalidInputException(where + ": " + e.getMessage(), e);
    }
  }
}
