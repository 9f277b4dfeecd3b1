package org.uiospark.jobs.audit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/** The JSON file of one sequence: {@code input_ids} and optionally {@code labels}. */
final class AuditTokens {
  private AuditTokens() {}

  /**
   * Reads the file.
   *
   * @throws InvalidInputException if it is missing, malformed, or no label counts
   */
  static TokenSequence read(InputFile input) {
    String file = input.name();
    if (!input.exists()) {
      throw new InvalidInputException(
          "tokens file " + file + " " + input.absence() + "; check its path");
    }
    JsonNode root = InputJson.object(file, input.bytes());
    int[] ids = integers(file, root, "input_ids");
    int[] labels = root.hasNonNull("labels") ? integers(file, root, "labels") : ids;
    TokenSequence sequence = new TokenSequence(file, 0, ids, labels);
    if (sequence.validLabels() == 0) {
      throw new InvalidInputException(
          file
              + " has no label that counts; a loss needs two tokens and one label that is not -100");
    }
    return sequence;
  }

  private static int[] integers(String file, JsonNode root, String key) {
    JsonNode array = root.path(key);
    if (!array.isArray()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no list '%s'; it needs input_ids and may have labels",
              file,
              key));
    }
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = array.get(i);
      if (!value.isIntegralNumber() || !value.canConvertToInt()) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s: %s[%d] is %s, not a token id", file, key, i, value));
      }
      values[i] = value.intValue();
    }
    return values;
  }
}
