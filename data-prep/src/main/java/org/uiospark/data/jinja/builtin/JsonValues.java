package org.uiospark.data.jinja.builtin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.data.jinja.value.TemplateException;

/** JSON as the values of a template, in which Python's {@code json.loads} gives it. */
public final class JsonValues {
  private JsonValues() {}

  /**
   * The value of a node.
   *
   * @throws TemplateException for an integer over 64 bits
   */
  public static Object of(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(field -> map.put(field.getKey(), of(field.getValue())));
      return map;
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>(node.size());
      node.forEach(item -> list.add(of(item)));
      return list;
    }
    if (node.isIntegralNumber()) {
      if (!node.canConvertToLong()) {
        throw TemplateException.unsupported("an integer over 64 bits");
      }
      return node.longValue();
    }
    if (node.isNumber()) {
      return node.doubleValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    return node.isTextual() ? node.textValue() : null;
  }
}
