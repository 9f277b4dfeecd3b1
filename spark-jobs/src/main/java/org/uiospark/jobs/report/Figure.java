package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Values of a result as people read them. */
final class Figure {
  private static final MathContext DIGITS = new MathContext(5);

  private Figure() {}

  /** With six digits, to be written short. */
  static double rounded(double value) {
    return BigDecimal.valueOf(value).round(new MathContext(6)).doubleValue();
  }

  /** Whole numbers as they are, others with five digits. */
  static String text(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    BigDecimal rounded = BigDecimal.valueOf(value).round(DIGITS).stripTrailingZeros();
    return Math.abs(value) < 1e-5 || Math.abs(value) >= 1e7
        ? rounded.toString()
        : rounded.toPlainString();
  }

  /** With so many decimals; what they would make 0, and what is very large, has five digits. */
  static String text(double value, int decimals) {
    boolean vanishes = value != 0 && Math.abs(value) < Math.pow(10, -decimals) / 2;
    return vanishes || !(Math.abs(value) < 1e7)
        ? text(value)
        : String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  /** A value of JSON: a number, a text, an interval, a list. */
  static String text(JsonNode value) {
    if (value.isNumber()) {
      return text(value.asDouble());
    }
    if (isInterval(value)) {
      return String.format(
          Locale.ROOT, "[%s, %s]", text(value.get("low")), text(value.get("high")));
    }
    if (value.isArray()) {
      return StreamSupport.stream(value.spliterator(), false)
          .map(Figure::text)
          .collect(Collectors.joining(", "));
    }
    return value.isValueNode() ? value.asText() : value.toString();
  }

  /** Whether it is {@code {"low": 1, "high": 2}}. */
  static boolean isInterval(JsonNode value) {
    return value.path("low").isNumber() && value.path("high").isNumber() && value.size() == 2;
  }

  /** A field name as a title. */
  static String title(String field) {
    return field.replace('_', ' ');
  }
}
