package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.JsonLines;
import org.uiospark.model.input.InvalidInputException;

/**
 * One line of a LongBench file.
 *
 * @param dataset what it belongs to; the name of the file where the line does not say
 * @param prompt what the model reads
 * @param answers right answers, at least one
 */
record QaExample(String dataset, String prompt, List<String> answers) {

  /**
   * The examples of a file.
   *
   * @throws InvalidInputException naming the line that is none, or if there is no line
   */
  static List<QaExample> read(String uri, Configuration configuration) {
    String fileName = InputFile.path(uri).getName();
    return new JsonLines(uri, "qa file", "in LongBench's format", configuration)
        .read((number, where, json) -> of(fileName, where, json));
  }

  private static QaExample of(String fileName, String origin, JsonNode json) {
    List<String> answers = new ArrayList<>();
    JsonNode given = json.path("answers");
    given.forEach(answer -> answers.add(answer.asText()));
    if (!given.isArray() || answers.isEmpty()) {
      throw new InvalidInputException(
          origin + ": 'answers' must be a list of at least one text, as in LongBench");
    }
    String question = text(origin, json, "input");
    String context = text(origin, json, "context");
    String dataset = json.path("dataset").asText(fileName.replaceFirst("\\.jsonl$", ""));
    return new QaExample(dataset, prompt(question, context), answers);
  }

  private static String text(String origin, JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (!value.isTextual()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s: '%s' must be a text, as in LongBench", origin, field));
    }
    return value.asText();
  }

  /** A text without a question is to be summarized. */
  private static String prompt(String question, String context) {
    return question.isBlank()
        ? String.format(
            Locale.ROOT, "Write a summary of the following text.\n\n%s\n\nSummary:", context)
        : String.format(
            Locale.ROOT,
            "Answer the question based on the following text. Give only the answer, in a few words.\n\n%s\n\nQuestion: %s\nAnswer:",
            context,
            question);
  }

  /** Keeps at most {@code most} tokens, half of them from either end; the middle is left out. */
  static int[] cut(int[] tokens, int most) {
    if (tokens.length <= most) {
      return tokens;
    }
    int[] kept = new int[most];
    int head = most / 2;
    System.arraycopy(tokens, 0, kept, 0, head);
    System.arraycopy(tokens, tokens.length - (most - head), kept, head, most - head);
    return kept;
  }
}
