package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.data.jinja.value.Span;
import org.uiospark.data.settings.Cutting;
import org.uiospark.model.text.SpannedTokens;
import org.uiospark.model.text.TextTokenizer;

/**
 * Records with {@code prompt} and {@code response}, or chats, to tokens and labels.
 *
 * <p>A prompt and a response are taken as they are and closed by EOS. A chat goes through the chat
 * template, which says how a turn ends, and every answer of the assistant is learned. The text is
 * tokenized once, as the model will read it; a token is learned if it has a character of an answer.
 */
public final class SftEncoder {
  /** The tokenizer takes some 100 bytes a character. */
  private static final int MAX_CHARACTERS = 4 << 20;

  /** What Alpaca's models are asked, where no chat template says otherwise. */
  private static final String ALPACA =
      "Below is an instruction that describes a task%s. Write a response that appropriately"
          + " completes the request.\n\n### Instruction:\n%s\n\n%s### Response:\n";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final TextTokenizer tokenizer;
  private final Optional<ChatTemplate> template;
  private final Cutting cutting;

  /**
   * An encoder for any number of records.
   *
   * @param template that messages go through; empty without one
   */
  public SftEncoder(TextTokenizer tokenizer, Optional<ChatTemplate> template, Cutting cutting) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.cutting = cutting;
  }

  /**
   * The example of a record.
   *
   * @throws MalformedRecordException if it holds none
   */
  public SftExample encode(JsonNode record) throws MalformedRecordException {
    if (ChatRecord.isChat(record)) {
      return conversation(
          ChatRecord.of(record),
          template.orElseThrow(
              () ->
                  new MalformedRecordException(
                      "\"messages\" need a chat template: chat_template.jinja or a chat_template in"
                          + " tokenizer_config.json beside the tokenizer")));
    }
    if (ChatRecord.isInstruction(record)) {
      Chat chat = ChatRecord.ofInstruction(record);
      return template.isPresent()
          ? conversation(chat, template.get())
          : response(alpaca(record), ChatRecord.text(record, "output"), "output");
    }
    checkPrompt(record);
    return response(
        record.get("prompt").textValue(), record.get("response").textValue(), "response");
  }

  /**
   * What makes two records the same, however they are written.
   *
   * @throws MalformedRecordException if the record is no example by its form
   */
  public static String content(JsonNode record) throws MalformedRecordException {
    if (ChatRecord.isChat(record)) {
      ChatRecord.of(record);
      return ChatRecord.content(record).toString();
    }
    if (ChatRecord.isInstruction(record)) {
      ChatRecord.ofInstruction(record);
      return ChatRecord.content(record).toString();
    }
    checkPrompt(record);
    return JSON.createArrayNode().add(record.get("prompt")).add(record.get("response")).toString();
  }

  private static void checkPrompt(JsonNode record) throws MalformedRecordException {
    if (!record.path("prompt").isTextual() || !record.path("response").isTextual()) {
      throw new MalformedRecordException(
          "no object with \"messages\", or with strings \"prompt\" and \"response\"");
    }
  }

  private static String alpaca(JsonNode record) throws MalformedRecordException {
    String input = ChatRecord.input(record);
    return String.format(
        Locale.ROOT,
        ALPACA,
        input.isEmpty() ? "" : ", paired with an input that provides further context",
        ChatRecord.text(record, "instruction"),
        input.isEmpty() ? "" : "### Input:\n" + input + "\n\n");
  }

  private SftExample response(String prompt, String response, String key)
      throws MalformedRecordException {
    if (response.isEmpty()) {
      throw new MalformedRecordException("\"" + key + "\" is empty, so nothing to learn");
    }
    String text = prompt + response;
    SpannedTokens tokens = tokens(text);
    int[] ids = Arrays.copyOf(tokens.ids(), tokens.size() + 1);
    ids[tokens.size()] = cutting.eosTokenId();
    BitSet learned = new BitSet();
    learn(learned, tokens, new Span(prompt.length(), text.length()));
    learned.set(tokens.size());
    return SftExample.of(ids, learned, cutting.sequenceLength());
  }

  private SftExample conversation(Chat chat, ChatTemplate template)
      throws MalformedRecordException {
    int answers = 0;
    boolean says = false;
    for (int i = 0; i < chat.messages().size(); i++) {
      answers += chat.isAnswer(i) ? 1 : 0;
      says |= chat.isAnswer(i) && chat.says(i);
    }
    if (!says) {
      throw new MalformedRecordException(
          answers == 0
              ? "no message of the assistant, so nothing to learn"
              : "only empty answers, so nothing to learn");
    }
    ChatAnswers rendered = new ChatAnswers(template, chat);
    List<Span> spans = rendered.spans();
    SpannedTokens tokens = tokens(rendered.text());
    BitSet learned = new BitSet();
    for (Span span : spans) {
      learn(learned, tokens, span);
    }
    return SftExample.of(tokens.ids(), learned, cutting.sequenceLength());
  }

  private SpannedTokens tokens(String text) throws MalformedRecordException {
    if (text.length() > MAX_CHARACTERS) {
      throw new MalformedRecordException(
          text.length() + " characters, over the " + MAX_CHARACTERS + " of an example");
    }
    return tokenizer.encodeWithSpans(text);
  }

  /** From the first token that has a character of a span to the last. */
  private static void learn(BitSet learned, SpannedTokens tokens, Span span) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.starts()[i] < span.end() && tokens.ends()[i] > span.start()) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first >= 0) {
      learned.set(first, last + 1);
    }
  }
}
