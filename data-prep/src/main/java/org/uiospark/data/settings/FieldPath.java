package org.uiospark.data.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.Serializable;
import java.util.List;
import org.uiospark.model.input.InvalidInputException;

/**
 * Where a value stands in a record: the name of a field, or names joined by dots that lead into
 * objects. A number leads to an element of a list, from 0.
 *
 * @param text as {@code meta.body} or {@code answers.text.0}
 */
public record FieldPath(String text) implements Serializable {
  private static final String INDEX = "[0-9]{1,9}";

  /** Checks that it names something. */
  public FieldPath {
    if (text == null || text.isBlank() || List.of(text.split("\\.", -1)).contains("")) {
      throw new InvalidInputException(
          "'" + text + "' names no field; give a name, or names joined by dots, as meta.body");
    }
  }

  /** Its names from the outermost on. */
  public List<String> names() {
    return List.of(text.split("\\."));
  }

  /** Whether a name leads to an element of a list. */
  public static boolean isIndex(String name) {
    return name.matches(INDEX);
  }

  /** The value in a record, or a missing node. A field whose own name has the dots comes first. */
  public JsonNode in(JsonNode record) {
    if (record.has(text)) {
      return record.get(text);
    }
    JsonNode value = record;
    for (String name : names()) {
      if (value.isArray()) {
        value = isIndex(name) ? value.path(Integer.parseInt(name)) : MissingNode.getInstance();
      } else {
        value = value.path(name);
      }
    }
    return value;
  }

  @Override
  public String toString() {
    return text;
  }
}
