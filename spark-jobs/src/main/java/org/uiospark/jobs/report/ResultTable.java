package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Records of a result, a row each; an interval stands small behind the figure that it is of. */
final class ResultTable {
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
    List<ResultColumn> columns = ResultColumn.of(records);
    List<List<String>> rows = new ArrayList<>();
    for (JsonNode row : records) {
      rows.add(columns.stream().map(column -> column.cell(row)).toList());
    }
    return Html.table(columns.stream().map(ResultColumn::title).toList(), rows);
  }
}
