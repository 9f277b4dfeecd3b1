package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fields of a result as it is shown: what lies in an object within has that object's name
 * before its own, so equal names of two objects stay apart.
 *
 * @param single values by name, in the order of the result; an interval is one value
 * @param tables lists of records by name
 */
public record ResultFields(Map<String, JsonNode> single, Map<String, JsonNode> tables) {

  /** Sorts the fields of a JSON object. */
  public static ResultFields of(JsonNode result) {
    ResultFields fields = new ResultFields(new LinkedHashMap<>(), new LinkedHashMap<>());
    fields.add("", result);
    return fields;
  }

  private void add(String prefix, JsonNode object) {
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      String name = prefix + field.getKey();
      JsonNode value = field.getValue();
      if (ResultTable.fits(value)) {
        tables.put(name, value);
      } else if (value.isObject() && !Figure.isInterval(value)) {
        add(name + " ", value);
      } else {
        single.put(name, value);
      }
    }
  }
}
