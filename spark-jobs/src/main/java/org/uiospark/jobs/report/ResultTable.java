package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Records of a result, a row each; an interval stands behind the figure that it is of. */
final class ResultTable {
  private static final String INTERVAL = "_interval";

  private ResultTable() {}

  /** Whether it is a list of objects, and not empty. */
  static boolean fits(JsonNode value) {
    if (!value.isArray() || value.isEmpty()) {
      return false;
    }
    for (JsonNode row : value) {
      if (!row.isObject()) {
        return false;
      }
    }
    return true;
  }

  static String html(JsonNode records) {
    Set<String> fields = new LinkedHashSet<>();
    records.forEach(row -> row.fieldNames().forEachRemaining(fields::add));
    List<String> columns =
        fields.stream().filter(field -> !isIntervalOfAnother(field, fields)).toList();
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : records) {
      rows.add(columns.stream().map(column -> cell(row, column)).toList());
    }
    return Html.table(columns.stream().map(Figure::title).toList(), rows);
  }

  private static boolean isIntervalOfAnother(String field, Set<String> fields) {
    return field.endsWith(INTERVAL)
        && fields.contains(field.substring(0, field.length() - INTERVAL.length()));
  }

  private static String cell(JsonNode row, String column) {
    String value = row.hasNonNull(column) ? Figure.text(row.get(column)) : "";
    JsonNode interval = row.path(column + INTERVAL);
    return Figure.isInterval(interval) ? value + " " + Figure.text(interval) : value;
  }
}
