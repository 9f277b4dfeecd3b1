package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A column of a table of records: figures with as many decimals as each other.
 *
 * @param field of a record
 * @param interval field with the interval of that figure; empty if there is none
 * @param decimals of every figure, as many as the longest needs
 */
record ResultColumn(String field, String interval, int decimals) {
  private static final String INTERVAL = "interval";

  /** Shares that are read as percent. */
  private static final Set<String> PERCENT = Set.of("gain");

  private static final int PERCENT_DECIMALS = 2;

  /** Digits of the largest figure of a column. */
  private static final int DIGITS = 4;

  /** Columns of all fields, in the order in which the records have them. */
  static List<ResultColumn> of(JsonNode records) {
    Set<String> names = new LinkedHashSet<>();
    records.forEach(row -> row.fieldNames().forEachRemaining(names::add));
    Map<String, String> intervals = intervals(records, names);
    return names.stream()
        .filter(name -> !intervals.containsValue(name))
        .map(
            name -> {
              String interval = intervals.getOrDefault(name, "");
              return new ResultColumn(name, interval, decimals(records, name, interval));
            })
        .toList();
  }

  /**
   * The intervals by their figures: {@code f1_interval} of {@code f1}, and else of the figure
   * before it where that starts alike, as {@code saved_interval} after {@code saved_nats}.
   */
  private static Map<String, String> intervals(JsonNode records, Set<String> names) {
    Map<String, String> intervals = new HashMap<>();
    String before = "";
    for (String name : names) {
      if (isInterval(records, name)) {
        String figure = name.substring(0, Math.max(0, name.length() - INTERVAL.length() - 1));
        if (names.contains(figure)) {
          intervals.put(figure, name);
        } else if (!before.isEmpty() && before.startsWith(figure)) {
          intervals.putIfAbsent(before, name);
        }
      } else {
        before = name;
      }
    }
    return intervals;
  }

  private static boolean isInterval(JsonNode records, String name) {
    return name.endsWith(INTERVAL)
        && records.findValues(name).stream().anyMatch(Figure::isInterval);
  }

  /** Of the figures and the ends of their intervals, so that the largest has no more digits. */
  private static int decimals(JsonNode records, String field, String interval) {
    double[] values =
        StreamSupport.stream(records.spliterator(), false)
            .flatMap(
                row ->
                    Stream.of(
                        row.path(field),
                        row.path(interval).path("low"),
                        row.path(interval).path("high")))
            .mapToDouble(JsonNode::asDouble)
            .filter(Double::isFinite)
            .toArray();
    double largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
    int most = Math.max(2, DIGITS - 1 - (int) Math.floor(Math.log10(Math.max(1e-9, largest))));
    return Arrays.stream(values)
        .mapToObj(value -> BigDecimal.valueOf(value).setScale(most, RoundingMode.HALF_EVEN))
        .mapToInt(value -> value.stripTrailingZeros().scale())
        .reduce(0, Math::max);
  }

  String title() {
    return Figure.title(field);
  }

  /** The figure of a record as HTML. */
  String cell(JsonNode row) {
    String figure = row.hasNonNull(field) ? text(row.get(field)) + unit() : "";
    JsonNode bounds = row.path(interval);
    return Figure.isInterval(bounds)
        ? Html.escape(figure)
            + " "
            + Html.element(
                "small",
                String.format(
                    Locale.ROOT, "[%s, %s]", text(bounds.get("low")), text(bounds.get("high"))))
        : Html.escape(figure);
  }

  private String unit() {
    return PERCENT.contains(field) ? "%" : "";
  }

  private String text(JsonNode value) {
    if (!value.isNumber()) {
      return Figure.text(value);
    }
    return PERCENT.contains(field)
        ? Figure.text(100 * value.asDouble(), PERCENT_DECIMALS)
        : Figure.text(value.asDouble(), decimals);
  }
}
