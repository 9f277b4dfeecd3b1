package org.uiospark.data.jinja.builtin;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Arithmetic;
import org.uiospark.data.jinja.value.PythonText;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** The filters {@code int}, {@code float}, {@code round} and {@code abs}. */
final class Numbers {
  private static final Pattern INTEGER = Pattern.compile("[-+]?\\d+(?:_\\d+)*");
  private static final Pattern REAL =
      Pattern.compile(
          "[-+]?(?:\\d+(?:_\\d+)*(?:\\.(?:\\d+(?:_\\d+)*)?)?|\\.\\d+(?:_\\d+)*)(?:[eE][-+]?\\d+(?:_\\d+)*)?");

  private Numbers() {}

  static Object integer(Object value, Arguments arguments) {
    Object otherwise = arguments.take("default", 0L);
    if (arguments.has("base")) {
      throw TemplateException.unsupported("int with a base");
    }
    arguments.end();
    if (value instanceof Long || value instanceof Boolean) {
      return Arithmetic.number(value);
    }
    if (value instanceof String text) {
      String trimmed = checked(text);
      if (INTEGER.matcher(trimmed).matches()) {
        try {
          return Long.valueOf(trimmed.replace("_", ""));
        } catch (NumberFormatException e) {
          throw TemplateException.unsupported("an integer over 64 bits");
        }
      }
    }
    Double real = real(value);
    return real == null || real.isNaN() || real.isInfinite() ? otherwise : whole(real);
  }

  private static Object whole(double value) {
    if (Math.abs(value) >= 0x1p63) {
      throw TemplateException.unsupported("an integer over 64 bits");
    }
    return (long) value;
  }

  static Object real(Object value, Arguments arguments) {
    Object otherwise = arguments.take("default", 0.0);
    arguments.end();
    Double real = real(value);
    return real == null ? otherwise : real;
  }

  private static Double real(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (Values.isNumber(value)) {
      return ((Number) Arithmetic.number(value)).doubleValue();
    }
    if (!(value instanceof String text)) {
      return null;
    }
    String trimmed = checked(text);
    String name = LetterCase.lower(trimmed).replaceFirst("^[-+]", "");
    if (name.equals("inf") || name.equals("infinity") || name.equals("nan")) {
      throw TemplateException.unsupported("the number " + trimmed);
    }
    return REAL.matcher(trimmed).matches() ? Double.valueOf(trimmed.replace("_", "")) : null;
  }

  private static String checked(String text) {
    if (text.codePoints().anyMatch(point -> point > 127 && Character.isDigit(point))) {
      throw TemplateException.unsupported("a number of digits that are not ASCII");
    }
    return PythonText.stripLeft(PythonText.stripRight(text));
  }

  static Object rounded(Object value, Arguments arguments) {
    long precision = Values.integer(arguments.take("precision", 0L), "round: precision");
    Object method = arguments.take("method", "common");
    arguments.end();
    if (!method.equals("common") || precision < 0 || precision > 20) {
      throw TemplateException.unsupported("round with this method or precision");
    }
    if (!Values.isNumber(value)) {
      throw new TemplateException("round of " + Representation.type(value));
    }
    Object number = Arithmetic.number(value);
    if (number instanceof Long) {
      return number;
    }
    double real = (Double) number;
    if (Double.isNaN(real) || Double.isInfinite(real)) {
      return real;
    }
    double rounded =
        new BigDecimal(real).setScale((int) precision, RoundingMode.HALF_EVEN).doubleValue();
    return Math.copySign(rounded, real);
  }

  static Object absolute(Object value, Arguments arguments) {
    arguments.end();
    if (!Values.isNumber(value)) {
      throw new TemplateException("abs of " + Representation.type(value));
    }
    Object number = Arithmetic.number(value);
    return number instanceof Long whole
        ? whole < 0 ? Arithmetic.negated(whole) : whole
        : (Object) Math.abs((Double) number);
  }
}
