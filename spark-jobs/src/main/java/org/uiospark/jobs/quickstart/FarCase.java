package org.uiospark.jobs.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * One case of the command {@code recall}.
 *
 * @param prompt text and question
 * @param answer what is right
 */
record FarCase(String prompt, String answer) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The first of a file. */
  static FarCase read(Path file) {
    try {
      JsonNode record = JSON.readTree(file.toFile());
      return new FarCase(record.get("prompt").asText(), record.get("response").asText().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** The line that hides the answer, and the question. */
  String text() {
    String[] lines = prompt.split("\n");
    String hiding = lines[0];
    for (String line : lines) {
      if (line.contains(answer)) {
        hiding = line;
      }
    }
    int behind = prompt.length() - prompt.lastIndexOf(answer);
    return String.format(
        Locale.ROOT,
        "hidden  %s%n...     %,d characters of the book%nasked   %s%nanswer ",
        hiding,
        behind,
        lines[lines.length - 1]);
  }
}
