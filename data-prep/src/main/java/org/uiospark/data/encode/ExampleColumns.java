package org.uiospark.data.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.data.settings.FieldPath;
import org.uiospark.data.settings.RecordFields;

/** Records whose prompt and answer lie in columns of other names, as Alpaca's instructions. */
public final class ExampleColumns {
  private ExampleColumns() {}

  /**
   * The instruction of a record: the texts of its prompt columns, a paragraph each; those that are
   * empty are passed over. A record is itself where no columns are named.
   *
   * @throws MalformedRecordException if there is no prompt or no answer
   */
  public static JsonNode instruction(JsonNode record, RecordFields fields)
      throws MalformedRecordException {
    if (fields.prompts().isEmpty()) {
      return record;
    }
    List<String> prompts = new ArrayList<>();
    for (FieldPath field : fields.prompts()) {
      JsonNode prompt = field.in(record);
      if (!prompt.isTextual() && !prompt.isNull() && !prompt.isMissingNode()) {
        throw new MalformedRecordException("\"" + field + "\" is no string");
      }
      if (!prompt.asText("").isBlank()) {
        prompts.add(prompt.textValue());
      }
    }
    FieldPath answered = fields.answers().get(0);
    if (prompts.isEmpty() || !answered.in(record).isTextual()) {
      throw new MalformedRecordException(
          String.format(
              Locale.ROOT,
              "no object with a string \"%s\" and text in one of %s",
              answered,
              fields.prompts()));
    }
    return JsonNodeFactory.instance
        .objectNode()
        .put("instruction", String.join("\n\n", prompts))
        .put("output", answered.in(record).textValue());
  }
}
