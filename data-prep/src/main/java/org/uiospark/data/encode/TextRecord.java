package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.uiospark.data.settings.FieldPath;

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
  public static String text(JsonNode record, FieldPath field) throws MalformedRecordException {
    JsonNode value = field.in(record);
    if (!value.isTextual()) {
      throw new MalformedRecordException(
          String.format(Locale.ROOT, "no object with a string \"%s\"%s", field, others(record)));
    }
    String text = value.textValue();
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  /** The fields that may hold the text instead. */
  private static String others(JsonNode record) {
    String texts =
        fields(record, "")
            .filter(name -> !name.equals("id"))
            .limit(NAMED)
            .map(name -> '"' + name + '"')
            .collect(Collectors.joining(", "));
    return texts.isEmpty() ? "" : " but " + texts + "; name the one with --text-field";
  }

  /** The paths of its texts, as far as they go through objects. */
  private static Stream<String> fields(JsonNode object, String above) {
    return object.properties().stream()
        .flatMap(
            field -> {
              String name = above + field.getKey();
              return field.getValue().isTextual()
                  ? Stream.of(name)
                  : fields(field.getValue(), name + ".");
            });
  }
}
