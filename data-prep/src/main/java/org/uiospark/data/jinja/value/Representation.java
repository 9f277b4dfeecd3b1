package org.uiospark.data.jinja.value;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code str} and {@code repr} of Python. */
public final class Representation {
  private final Budget budget;
  private final StringBuilder out = new StringBuilder();

  private Representation(Budget budget) {
    this.budget = budget;
  }

  /** {@code str}. */
  public static String text(Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Undefined) {
      return "";
    }
    if (value instanceof Markup markup) {
      return markup.text();
    }
    Representation representation = new Representation(budget);
    representation.write(value);
    return representation.out.toString();
  }

  /** What Python calls the type of a value. */
  public static String type(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof String) {
      return "a str";
    }
    if (value instanceof Boolean) {
      return "a bool";
    }
    if (value instanceof Long) {
      return "an int";
    }
    if (value instanceof Double) {
      return "a float";
    }
    if (value instanceof Map) {
      return "a dict";
    }
    if (value instanceof Function) {
      return "a function";
    }
    return value instanceof List
        ? "a list"
        : "a " + value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private void write(Object value) {
    budget.charge(out.length() > Budget.LARGEST ? Long.MAX_VALUE : 16);
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean bool) {
      out.append(bool ? "True" : "False");
    } else if (value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(real(number));
    } else if (value instanceof String text) {
      quoted(text);
    } else if (value instanceof Undefined) {
      out.append("Undefined");
    } else if (value instanceof Values.Range range) {
      out.append("range(").append(range.start).append(", ").append(range.stop);
      out.append(range.step == 1 ? "" : ", " + range.step).append(')');
    } else if (value instanceof List<?> list) {
      out.append('[');
      items(list);
      out.append(']');
    } else if (value instanceof Tuple tuple) {
      out.append('(');
      items(tuple.items());
      out.append(tuple.items().size() == 1 ? ",)" : ")");
    } else if (value instanceof View view) {
      out.append(view.name()).append("([");
      items(view.items());
      out.append("])");
    } else if (value instanceof Map<?, ?> map) {
      map(map);
    } else {
      throw TemplateException.unsupported("the text of " + type(value));
    }
  }

  private void items(List<?> items) {
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      write(items.get(i));
    }
  }

  private void map(Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      write(entry.getKey());
      out.append(": ");
      write(entry.getValue());
      separator = ", ";
    }
    out.append('}');
  }

  private void quoted(String text) {
    budget.charge(text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints().forEach(point -> escaped(point, quote));
    out.append(quote);
  }

  private void escaped(int point, char quote) {
    if (point == quote || point == '\\') {
      out.append('\\').appendCodePoint(point);
    } else if (point == '\n') {
      out.append("\\n");
    } else if (point == '\r') {
      out.append("\\r");
    } else if (point == '\t') {
      out.append("\\t");
    } else if (isPrintable(point)) {
      out.appendCodePoint(point);
    } else {
      String hex = Integer.toHexString(point);
      int digits = point < 0x100 ? 2 : point < 0x10000 ? 4 : 8;
      out.append(digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U");
      out.append("0".repeat(digits - hex.length())).append(hex);
    }
  }

  /** {@code str.isprintable} of one character. */
  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  /** The shortest digits that give the number again, as Python and JSON write them. */
  public static String real(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = shortest(value);
    String digits = shortest.unscaledValue().abs().toString().replaceFirst("0+$", "");
    int exponent = shortest.precision() - shortest.scale() - 1;
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "");
      return sign + digits.charAt(0) + fraction + "e" + power + Math.abs(exponent);
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    String padded = digits + "0".repeat(Math.max(0, exponent + 1 - digits.length()));
    String fraction = padded.substring(exponent + 1);
    return sign + padded.substring(0, exponent + 1) + "." + (fraction.isEmpty() ? "0" : fraction);
  }

  private static BigDecimal shortest(double value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      for (RoundingMode mode :
          new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
        BigDecimal rounded = exact.round(new MathContext(digits, mode));
        if (rounded.doubleValue() == value) {
          return rounded;
        }
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN));
  }
}
