package org.uiospark.data.encode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.uiospark.data.jinja.builtin.JsonValues;
import org.uiospark.data.jinja.value.TemplateException;

/** Chats as data sets hold them: OpenAI's messages, ShareGPT's conversations, Alpaca's columns. */
final class ChatRecord {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  /** Who speaks in ShareGPT. */
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("human", "user"),
          Map.entry("user", "user"),
          Map.entry("gpt", "assistant"),
          Map.entry("chatgpt", "assistant"),
          Map.entry("assistant", "assistant"),
          Map.entry("model", "assistant"),
          Map.entry("system", "system"),
          Map.entry("tool", "tool"),
          Map.entry("observation", "tool"));

  private ChatRecord() {}

  /** Whether a record is a chat. */
  static boolean isChat(JsonNode record) {
    return record.hasNonNull("messages") || record.hasNonNull("conversations");
  }

  /** Whether a record is an instruction of Alpaca. */
  static boolean isInstruction(JsonNode record) {
    return record.hasNonNull("instruction") && record.has("output");
  }

  /** The chat of a record. */
  static Chat of(JsonNode record) throws MalformedRecordException {
    JsonNode messages =
        record.hasNonNull("messages")
            ? record.get("messages")
            : withSystem(record, speakers(record.get("conversations")));
    try {
      return new Chat(checked(messages), objects(record, "tools"), objects(record, "documents"));
    } catch (TemplateException e) {
      throw new MalformedRecordException(e.getMessage());
    }
  }

  /** The chat of an instruction: it and its input are what the user says. */
  static Chat ofInstruction(JsonNode record) throws MalformedRecordException {
    ArrayNode messages = JSON.createArrayNode();
    String input = input(record);
    messages
        .addObject()
        .put(ROLE, "user")
        .put(CONTENT, text(record, "instruction") + (input.isEmpty() ? "" : "\n" + input));
    messages.addObject().put(ROLE, "assistant").put(CONTENT, text(record, "output"));
    return new Chat(checked(withSystem(record, messages)), null, null);
  }

  static String input(JsonNode record) throws MalformedRecordException {
    if (record.path("history").size() > 0) {
      throw new MalformedRecordException(
          "\"history\" beside \"instruction\" is not supported; write the chat as \"messages\"");
    }
    return record.hasNonNull("input") ? text(record, "input") : "";
  }

  static String text(JsonNode record, String key) throws MalformedRecordException {
    if (!record.path(key).isTextual()) {
      throw new MalformedRecordException("\"" + key + "\" is no string");
    }
    return record.get(key).textValue();
  }

  private static ArrayNode withSystem(JsonNode record, ArrayNode messages)
      throws MalformedRecordException {
    boolean spoken = messages.path(0).path(ROLE).asText().equals("system");
    if (record.hasNonNull("system") && !text(record, "system").isBlank() && !spoken) {
      messages.insertObject(0).put(ROLE, "system").put(CONTENT, text(record, "system"));
    }
    return messages;
  }

  private static ArrayNode speakers(JsonNode conversations) throws MalformedRecordException {
    if (!conversations.isArray()) {
      throw new MalformedRecordException("\"conversations\" is no list");
    }
    ArrayNode messages = JSON.createArrayNode();
    for (JsonNode turn : conversations) {
      if (turn.has(ROLE)) {
        messages.add(turn);
        continue;
      }
      String from = turn.path("from").asText("");
      if (!ROLES.containsKey(from) || !turn.path("value").isTextual()) {
        throw new MalformedRecordException(
            ROLES.containsKey(from)
                ? "a turn of \"conversations\" has no string \"value\""
                : "\"from\": \"" + from + "\" is not known: one of human, gpt, system, tool");
      }
      messages.addObject().put(ROLE, ROLES.get(from)).put(CONTENT, turn.get("value").textValue());
    }
    return messages;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> checked(JsonNode messages)
      throws MalformedRecordException {
    if (!messages.isArray() || messages.isEmpty()) {
      throw new MalformedRecordException(
          messages.isArray() ? "\"messages\" is empty" : "\"messages\" is no list");
    }
    List<Map<String, Object>> checked = new ArrayList<>();
    for (JsonNode message : messages) {
      JsonNode content = message.path(CONTENT);
      if (!message.path(ROLE).isTextual()
          || !(content.isTextual() || content.isArray() || isCall(message))) {
        throw new MalformedRecordException(
            "a message is no object with strings \"role\" and \"content\"");
      }
      checked.add((Map<String, Object>) JsonValues.of(message));
    }
    return checked;
  }

  /** A message without content that says something else, as calls of tools. */
  private static boolean isCall(JsonNode message) {
    boolean other =
        message.properties().stream()
            .anyMatch(
                field ->
                    !field.getKey().equals(ROLE)
                        && !field.getKey().equals("name")
                        && (field.getValue().isArray() || field.getValue().isTextual())
                        && !field.getValue().isEmpty());
    JsonNode content = message.path(CONTENT);
    return (content.isNull() || content.isMissingNode())
        && (other || message.path("tool_calls").size() > 0);
  }

  /** A list of objects, which some data sets hold as text; {@code null} if it is not there. */
  private static Object objects(JsonNode record, String key) throws MalformedRecordException {
    JsonNode list = record.path(key);
    if (list.isTextual()) {
      list = parsed(list.textValue(), key);
    }
    if (list.isNull() || list.isMissingNode()) {
      return null;
    }
    for (JsonNode each : list) {
      list = each.isObject() ? list : NullNode.getInstance();
    }
    if (!list.isArray()) {
      throw new MalformedRecordException("\"" + key + "\" is no list of objects");
    }
    return JsonValues.of(list);
  }

  private static JsonNode parsed(String text, String key) throws MalformedRecordException {
    if (text.isBlank()) {
      return NullNode.getInstance();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new MalformedRecordException("\"" + key + "\" is no list of objects");
    }
  }

  /** What makes two chats the same. */
  static JsonNode content(JsonNode record) {
    if (isInstruction(record) && !isChat(record)) {
      return fields(record, "instruction", "input", "output", "system");
    }
    String turns = record.hasNonNull("messages") ? "messages" : "conversations";
    boolean plain = !record.hasNonNull("tools") && !record.hasNonNull("documents");
    return plain && turns.equals("messages")
        ? record.get(turns)
        : fields(record, turns, "tools", "documents", "system");
  }

  private static ObjectNode fields(JsonNode record, String... names) {
    ObjectNode fields = JSON.createObjectNode();
    for (String name : names) {
      if (record.hasNonNull(name)) {
        fields.set(name, record.get(name));
      }
    }
    return fields;
  }
}
