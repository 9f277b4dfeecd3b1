package org.uiospark.jobs.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

/**
 * The JSON files in which {@code evaluate} and {@code audit} leave their results: who writes one
 * and who reads it take the same name.
 */
public final class ResultFile {
  /** The suite {@code ppl}. */
  public static final String PERPLEXITY = "perplexity.json";

  /** The suite {@code recall}. */
  public static final String RECALL = "recall.json";

  /** The suite {@code ae}. */
  public static final String AUTO_ENCODING = "auto-encoding.json";

  /** The suite {@code qa}. */
  public static final String QUESTIONS = "qa.json";

  /** Estimators against the exact gradient. */
  public static final String AUDIT = "audit.json";

  /** What the results of an evaluation came out of. */
  public static final String EVALUATION = "evaluation.json";

  /** All of them. */
  public static final Set<String> NAMES =
      Set.of(PERPLEXITY, RECALL, AUTO_ENCODING, QUESTIONS, AUDIT, EVALUATION);

  private ResultFile() {}

  /**
   * Writes a result; the folder is created where it is not there.
   *
   * @param name one of these names
   * @param result a record
   * @throws InvalidInputException if it cannot be written
   */
  public static void write(OutputFolder output, String name, Object result) {
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    output.create();
    try {
      output.replace(name, json.writeValueAsBytes(result));
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s cannot be written: %s; name another --output",
              output.file(name),
              e.getMessage()),
          e);
    }
  }
}
