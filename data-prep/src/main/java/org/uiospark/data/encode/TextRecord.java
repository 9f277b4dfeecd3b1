package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Collectors;

/** Records that hold the text of a document in one of their fields. */
public final class TextRecord {
  private static final int NAMED = 5;

  private TextRecord() {}

  /**
   * The text of a record, without a byte order mark.
   *
   * @param field holds it
   * @throws MalformedRecordException if the record has no such text
   */
  public static String text(JsonNode record, String field) throws MalformedRecordException {
    if (!record.path(field).isTextual()) {
      throw new MalformedRecordException(
          String.format(Locale.ROOT, "no object with a string \"%s\"%s", field, others(record)));
    }
    String text = record.get(field).textValue();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** The fields that may hold the text instead. */
  private static String others(JsonNode record) {
    String texts =
        record.properties().stream()
            .filter(field -> field.getValue().isTextual() && !field.getKey().equals("id"))
            .limit(NAMED)
            .map(field -> '"' + field.getKey() + '"')
            .collect(Collectors.joining(", "));
    return texts.isEmpty() ? "" : " but " + texts + "; name the one with --text-field";
  }
}
