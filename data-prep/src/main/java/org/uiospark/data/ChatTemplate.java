package org.uiospark.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.interpret.TemplateError.ErrorReason;
import com.hubspot.jinjava.interpret.TemplateError.ErrorType;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.Sha256;

/**
 * The {@code chat_template} of a {@code tokenizer_config.json}: messages in, the text that the
 * model reads out. It is a program from outside, so it has bounds in size, output and time.
 *
 * <p>Safe for use by several threads.
 */
final class ChatTemplate {
  /** HuggingFace's longest have some 20,000 characters. */
  private static final int MAX_TEMPLATE = 1 << 16;

  /** Characters of one conversation. */
  private static final int MAX_OUTPUT = 64 << 20;

  private static final int MAX_ELEMENTS = 1 << 20;
  private static final int STACK_BYTES = 4 << 20;

  /** Methods of Python's strings that templates call, under the names that Java's have. */
  private static final Map<String, String> METHODS =
      Map.of(
          ".startswith(", ".startsWith(",
          ".endswith(", ".endsWith(",
          ".upper()", ".toUpperCase()",
          ".lower()", ".toLowerCase()",
          ".lstrip()", ".stripLeading()",
          ".rstrip()", ".stripTrailing()");

  /** Jinja2's lstrip_blocks: the engine's own also takes what stands behind text on a line. */
  private static final Pattern INDENT = Pattern.compile("(?m)^[ \\t]+(?=\\{[%#][^+])");

  private final String source;

  /** The source as the engine takes it. */
  private final String adapted;

  private final String where;
  private final long patienceMillis;
  private final Map<String, Object> specialTokens;
  private final Jinjava engine;

  private ChatTemplate(
      String source, String where, long patienceMillis, Map<String, Object> specialTokens) {
    this.source = source;
    this.adapted = adapted(source);
    this.where = where;
    this.patienceMillis = patienceMillis;
    this.specialTokens = specialTokens;
    this.engine = new Jinjava(bounded());
    engine
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "raise", String.class));
  }

  /** Whitespace and precedence as Jinja2 has them in HuggingFace's setting. */
  private static JinjavaConfig bounded() {
    return JinjavaConfig.newBuilder()
        .withTrimBlocks(true)
        // What a user wrote is text, not a template.
        .withNestedInterpretationEnabled(false)
        .withMaxOutputSize(MAX_OUTPUT)
        .withMaxStringLength(MAX_OUTPUT)
        .withMaxListSize(MAX_ELEMENTS)
        .withMaxMapSize(MAX_ELEMENTS)
        .withRangeLimit(MAX_ELEMENTS)
        .withLegacyOverrides(
            LegacyOverrides.newBuilder()
                .withEvaluateMapKeys(true)
                .withIterateOverMapKeys(true)
                .withUseNaturalOperatorPrecedence(true)
                .withParseWhitespaceControlStrictly(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .withKeepNullableLoopValues(true)
                .withAllowAdjacentTextNodes(true)
                .build())
        .withProcessors(
            JinjavaProcessors.newBuilder()
                .withNodePreProcessor((node, interpreter) -> requireTime())
                .build())
        .build();
  }

  private static void requireTime() {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterpretException("out of time");
    }
  }

  /** What a template calls to refuse a conversation. */
  public static String raise(String message) {
    throw new InterpretException(message);
  }

  /**
   * Reads a {@code tokenizer_config.json}.
   *
   * @param where what to call it in messages
   * @param patienceMillis time for one conversation
   * @return empty if it has no chat template
   * @throws InvalidInputException if it is no such file, or its template is too long
   */
  static Optional<ChatTemplate> of(byte[] config, String where, long patienceMillis) {
    JsonNode root = InputJson.object(where, config);
    String source = source(root.path("chat_template"));
    if (source.isEmpty()) {
      return Optional.empty();
    }
    if (source.length() > MAX_TEMPLATE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: chat_template has %d characters; at most %d are supported",
              where,
              source.length(),
              MAX_TEMPLATE));
    }
    Map<String, Object> tokens = new HashMap<>();
    for (String name : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
      JsonNode token = root.path(name);
      // Either the text itself, or an object with its properties.
      tokens.put(name, (token.isObject() ? token.path("content") : token).asText(""));
    }
    return Optional.of(new ChatTemplate(source, where, patienceMillis, tokens));
  }

  /** One text, or one of several by name. */
  private static String source(JsonNode template) {
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText("");
      }
    }
    return template.asText("");
  }

  /** SHA-256 of the template, in hexadecimal digits. */
  String sha256() {
    return Sha256.hex(source.getBytes(StandardCharsets.UTF_8));
  }

  /** The text of whole messages. */
  String conversation(List<Map<String, Object>> messages) throws MalformedRecordException {
    return render(messages, false);
  }

  /** The text of messages that the assistant is to answer. */
  String prompt(List<Map<String, Object>> messages) throws MalformedRecordException {
    return render(messages, true);
  }

  private String render(List<Map<String, Object>> messages, boolean answer)
      throws MalformedRecordException {
    Map<String, Object> context = new HashMap<>(specialTokens);
    context.put("messages", messages);
    context.put("add_generation_prompt", answer);
    RenderResult result = withinPatience(context);
    for (TemplateError error : result.getErrors()) {
      // A name that is not defined is empty, as in Jinja2.
      if (error.getSeverity() == ErrorType.FATAL || error.getReason() != ErrorReason.UNKNOWN) {
        throw new MalformedRecordException("chat template: " + reason(error));
      }
    }
    return result.getOutput();
  }

  /** The innermost message: what the template itself said, where it refused. */
  private static String reason(TemplateError error) {
    String reason = error.getMessage();
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
    return String.valueOf(reason).lines().findFirst().orElse("");
  }

  /** In a thread of its own, which a template may block or exhaust without harm to this one. */
  private RenderResult withinPatience(Map<String, Object> context) {
    CompletableFuture<RenderResult> rendered = new CompletableFuture<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                rendered.complete(engine.renderForResult(adapted, context));
              } catch (RuntimeException | StackOverflowError e) {
                rendered.completeExceptionally(e);
              }
            },
            "chat-template",
            STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    try {
      return rendered.get(patienceMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: chat_template took longer than %d ms for one conversation; mend it",
              where,
              patienceMillis),
          e);
    } catch (ExecutionException e) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s: chat_template cannot be run: %s", where, e.getCause()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a chat template ran", e);
    } finally {
      thread.interrupt();
    }
  }

  private static String adapted(String source) {
    String adapted = INDENT.matcher(source).replaceAll("");
    for (Map.Entry<String, String> method : METHODS.entrySet()) {
      adapted = adapted.replace(method.getKey(), method.getValue());
    }
    return adapted;
  }
}
