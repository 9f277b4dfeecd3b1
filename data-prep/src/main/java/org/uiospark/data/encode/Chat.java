package org.uiospark.data.encode;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation as a template sees it.
 *
 * @param messages each with its {@code role}; told apart by identity
 * @param tools that the assistant can call; {@code null} without
 * @param documents that it can read; {@code null} without
 */
record Chat(List<Map<String, Object>> messages, Object tools, Object documents) {
  boolean isAnswer(int message) {
    return "assistant".equals(messages.get(message).get("role"));
  }

  /** The messages before one of them. */
  Chat before(int message) {
    return new Chat(messages.subList(0, message), tools, documents);
  }

  /** The same chat with another answer. */
  Chat withAnswer(int message, String content) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("role", "assistant");
    answer.put("content", content);
    List<Map<String, Object>> changed = new ArrayList<>(messages);
    changed.set(message, answer);
    return new Chat(changed, tools, documents);
  }

  /** Whether an answer has text, calls or anything else to be learned. */
  boolean says(int message) {
    return messages.get(message).entrySet().stream()
        .filter(field -> !field.getKey().equals("role") && !field.getKey().equals("name"))
        .anyMatch(field -> isSomething(field.getValue()));
  }

  private static boolean isSomething(Object value) {
    if (value instanceof String text) {
      return !text.isBlank();
    }
    if (value instanceof List<?> parts) {
      return parts.stream().anyMatch(Chat::isSomething);
    }
    // Of a part of a content: its text. Calls of tools have none, and are something.
    if (value instanceof Map<?, ?> map) {
      return map.containsKey("text") ? isSomething(map.get("text")) : !map.isEmpty();
    }
    return value != null;
  }
}
