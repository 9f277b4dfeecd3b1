package org.uiospark.jobs.memory;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.JsonLines;
import org.uiospark.model.input.InvalidInputException;

/**
 * A question to a text that is memorized.
 *
 * @param line of the file that it stands in, from 1
 * @param id what the line calls it, null if nothing
 * @param memory name of the text
 * @param prompt what follows the text
 */
record Question(int line, JsonNode id, String memory, String prompt) {
  /**
   * The questions of a JSONL file.
   *
   * @throws InvalidInputException naming the line that is none, or if there is no line
   */
  static List<Question> read(String uri, Configuration configuration) {
    return new JsonLines(uri, "questions file", "with memory and prompt", configuration)
        .read(Question::of);
  }

  private static Question of(int number, String where, JsonNode json) {
    return new Question(
        number, json.get("id"), text(where, json, "memory"), text(where, json, "prompt"));
  }

  private static String text(String where, JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual() || value.asText().isEmpty()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s: '%s' must be a text that is not empty", where, field));
    }
    return value.asText();
  }
}
