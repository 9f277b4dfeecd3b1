package org.uiospark.jobs.memory;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.UnicodeReader;

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
    Path file = InputFile.path(uri);
    List<Question> questions = new ArrayList<>();
    try (UnicodeReader text = new UnicodeReader(file.getFileSystem(configuration).open(file));
        BufferedReader lines = new BufferedReader(text)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          questions.add(parse(uri, number, line));
        }
      }
      if (text.replaced() > 0) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT, "questions %s are not UTF-8 text; convert them to UTF-8", uri));
      }
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "questions %s cannot be read: %s; name a JSONL file with memory and prompt",
              uri,
              e.getMessage()),
          e);
    }
    if (questions.isEmpty()) {
      throw new InvalidInputException("questions " + uri + " holds no line; name another file");
    }
    return questions;
  }

  private static Question parse(String uri, int number, String line) {
    String where = uri + ":" + number;
    JsonNode json = InputJson.object(where, line.getBytes(StandardCharsets.UTF_8));
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
