package org.uiospark.data;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.uiospark.data.SftExample.Turn;
import org.uiospark.model.text.PieceEncoder;

/**
 * Records with {@code prompt} and {@code response}, or with {@code messages}, to tokens and labels.
 *
 * <p>A prompt and a response are taken as they are and closed by EOS. Messages go through the chat
 * template, which says how a turn ends; every answer of the assistant is learned, and what follows
 * the last one is left out. Prompts and answers are tokenized apart, so that no token is both.
 */
final class SftEncoder {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PieceEncoder encoder;
  private final Optional<ChatTemplate> template;
  private final PrepSettings settings;

  SftEncoder(PieceEncoder encoder, Optional<ChatTemplate> template, PrepSettings settings) {
    this.encoder = encoder;
    this.template = template;
    this.settings = settings;
  }

  /**
   * The example of a record.
   *
   * @param where the record, for messages
   */
  SftExample encode(JsonNode record, String where) throws MalformedRecordException, IOException {
    List<Turn> turns =
        record.has("messages")
            ? conversation(record.get("messages"), where)
            : List.of(
                new Turn(ids(text(record, "prompt"), where), false),
                new Turn(closed(response(record, where)), true));
    return SftExample.of(turns, settings.sequenceLength());
  }

  /** What makes two records the same, however they are written. */
  static String content(JsonNode record) {
    return record.has("messages")
        ? record.get("messages").toString()
        : JSON.createArrayNode().add(record.get("prompt")).add(record.get("response")).toString();
  }

  private static String text(JsonNode record, String key) throws MalformedRecordException {
    if (!record.path(key).isTextual()) {
      throw new MalformedRecordException(
          "no object with \"messages\", or with strings \"prompt\" and \"response\"");
    }
    return record.get(key).textValue();
  }

  private int[] response(JsonNode record, String where)
      throws MalformedRecordException, IOException {
    int[] ids = ids(text(record, "response"), where);
    if (ids.length == 0) {
      throw new MalformedRecordException("\"response\" is empty, so nothing to learn");
    }
    return ids;
  }

  private int[] closed(int[] ids) {
    int[] closed = Arrays.copyOf(ids, ids.length + 1);
    closed[ids.length] = settings.eosTokenId();
    return closed;
  }

  private List<Turn> conversation(JsonNode messages, String where)
      throws MalformedRecordException, IOException {
    ChatTemplate chat =
        template.orElseThrow(
            () ->
                new MalformedRecordException(
                    "\"messages\" need a chat_template in tokenizer_config.json beside the tokenizer"));
    List<Map<String, Object>> all = checked(messages);
    List<Turn> turns = new ArrayList<>();
    String before = "";
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).get("role").equals("assistant")) {
        String prompt = chat.prompt(all.subList(0, i));
        String whole = chat.conversation(all.subList(0, i + 1));
        turns.add(new Turn(ids(after(before, prompt, i), where), false));
        turns.add(new Turn(ids(after(prompt, whole, i), where), true));
        before = whole;
      }
    }
    if (turns.isEmpty()) {
      throw new MalformedRecordException("no message of the assistant, so nothing to learn");
    }
    return turns;
  }

  private static List<Map<String, Object>> checked(JsonNode messages)
      throws MalformedRecordException {
    if (!messages.isArray()) {
      throw new MalformedRecordException("\"messages\" is no list");
    }
    for (JsonNode message : messages) {
      if (!message.path("role").isTextual() || !message.path("content").isTextual()) {
        throw new MalformedRecordException(
            "a message is no object with strings \"role\" and \"content\"");
      }
    }
    return JSON.convertValue(messages, new TypeReference<List<Map<String, Object>>>() {});
  }

  private static String after(String start, String whole, int message)
      throws MalformedRecordException {
    if (!whole.startsWith(start)) {
      throw new MalformedRecordException(
          String.format(
              Locale.ROOT,
              "chat template: message %d changes the text before it, so its own cannot be told apart",
              message));
    }
    return whole.substring(start.length());
  }

  private int[] ids(String text, String where) throws IOException {
    List<int[]> pieces = new ArrayList<>();
    encoder.encode(new StringReader(text), where, pieces::add);
    return pieces.stream().flatMapToInt(IntStream::of).toArray();
  }
}
