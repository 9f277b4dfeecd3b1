package org.uiospark.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.uiospark.jobs.report.ResultFields;

/**
 * JSON as tables in Markdown that may be published: of a path or URI only the last name is shown,
 * so neither folders of a machine nor what a URI carries get out.
 */
final class MarkdownFigures {
  private static final MathContext DIGITS = new MathContext(5);

  private final StringBuilder text = new StringBuilder();

  private MarkdownFigures() {}

  /** A list of objects as a table with a row each; all other values as one table before those. */
  static String of(JsonNode object) {
    MarkdownFigures figures = new MarkdownFigures();
    ResultFields fields = ResultFields.of(object);
    if (!fields.single().isEmpty()) {
      figures.row(List.of("", ""));
      figures.rule(2);
      fields.single().forEach((key, value) -> figures.row(List.of(words(key), cell(value))));
    }
    fields.tables().forEach(figures::table);
    return figures.text.toString();
  }

  private void table(String name, JsonNode rows) {
    Set<String> columns = new LinkedHashSet<>();
    rows.forEach(row -> row.fieldNames().forEachRemaining(columns::add));
    text.append("\n**").append(words(name)).append("**\n\n");
    row(columns.stream().map(MarkdownFigures::words).toList());
    rule(columns.size());
    for (JsonNode values : rows) {
      List<String> cells = new ArrayList<>();
      columns.forEach(column -> cells.add(cell(values.path(column))));
      row(cells);
    }
  }

  private void row(List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private void rule(int columns) {
    text.append("|").append("---|".repeat(columns)).append("\n");
  }

  private static String words(String key) {
    return escape(key.replace('_', ' '));
  }

  private static String cell(JsonNode value) {
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(MarkdownFigures::cell)
          .collect(Collectors.joining(", "));
    }
    if (value.isObject()) {
      return value.properties().stream()
          .map(entry -> words(entry.getKey()) + " " + cell(entry.getValue()))
          .collect(Collectors.joining(", "));
    }
    if (value.isFloatingPointNumber() && Double.isFinite(value.doubleValue())) {
      BigDecimal rounded = value.decimalValue().round(DIGITS).stripTrailingZeros();
      // Small ones, such as a learning rate, would be a row of zeros.
      return rounded.scale() > 8 ? rounded.toString() : rounded.toPlainString();
    }
    return value.isMissingNode() || value.isNull() ? "" : escape(lastNames(value.asText()));
  }

  /** The last name of each path or URI in a list with commas; any other text as it is. */
  static String lastNames(String text) {
    return Arrays.stream(text.split(","))
        .map(MarkdownFigures::lastName)
        .collect(Collectors.joining(", "));
  }

  private static String lastName(String path) {
    String bare = path.contains("://") ? path.replaceFirst("[?#].*", "") : path;
    String ended = bare.strip().replaceFirst("[/\\\\]+$", "");
    return ended.substring(Math.max(ended.lastIndexOf('/'), ended.lastIndexOf('\\')) + 1);
  }

  static String escape(String text) {
    return text.replaceAll("\\R", " ").replace("|", "\\|").replace("<", "&lt;");
  }
}
