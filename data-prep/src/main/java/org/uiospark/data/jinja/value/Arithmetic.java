package org.uiospark.data.jinja.value;

import java.util.ArrayList;
import java.util.List;

/** {@code + - * / // % **}, as Python calculates. */
public final class Arithmetic {
  private static final long EXACT = 1L << 53;

  private Arithmetic() {}

  /** The number that a bool stands for; any other value as it is. */
  public static Object number(Object value) {
    return value instanceof Boolean bool ? (Object) (bool ? 1L : 0L) : value;
  }

  /**
   * What an operator makes of two values.
   *
   * @throws TemplateException if Python refuses them, or the result is not supported
   */
  public static Object binary(String operator, Object left, Object right, Budget budget) {
    budget.step();
    for (Object value : new Object[] {left, right}) {
      if (value instanceof Undefined undefined) {
        throw undefined.error();
      }
    }
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return numbers(operator, number(left), number(right));
    }
    if (operator.equals("+")) {
      Object sum = joined(left, right, budget);
      if (sum != null) {
        return sum;
      }
    }
    if (operator.equals("*")) {
      if (number(right) instanceof Long times && isSequence(left)) {
        return repeated(left, times, budget);
      }
      if (number(left) instanceof Long times && isSequence(right)) {
        return repeated(right, times, budget);
      }
    }
    if (operator.equals("%") && left instanceof String) {
      throw TemplateException.unsupported("% of a string");
    }
    throw new TemplateException(
        "no "
            + operator
            + " between "
            + Representation.type(left)
            + " and "
            + Representation.type(right));
  }

  private static boolean isSequence(Object value) {
    return value instanceof String
        || value instanceof Tuple
        || (value instanceof List && !(value instanceof Values.Range));
  }

  private static Object joined(Object left, Object right, Budget budget) {
    if (left instanceof String a && right instanceof String b) {
      budget.charge((long) a.length() + b.length());
      return a + b;
    }
    boolean lists = left instanceof List && right instanceof List;
    if ((lists && isSequence(left) && isSequence(right))
        || (left instanceof Tuple && right instanceof Tuple)) {
      List<Object> sum = new ArrayList<>(Values.list(left, budget));
      budget.charge((long) sum.size() + Values.length(right));
      sum.addAll(Values.list(right, budget));
      return lists ? sum : new Tuple(sum);
    }
    return null;
  }

  private static Object repeated(Object sequence, long times, Budget budget) {
    long count = Math.max(0, times);
    long length = sequence instanceof String text ? text.length() : Values.length(sequence);
    if (length > 0 && count > Budget.LARGEST) {
      budget.charge(Long.MAX_VALUE);
    }
    budget.charge(length * count);
    if (sequence instanceof String text) {
      return text.repeat(length == 0 ? 0 : (int) count);
    }
    List<Object> items = Values.list(sequence, budget);
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < count && length > 0; i++) {
      all.addAll(items);
    }
    return sequence instanceof Tuple ? new Tuple(all) : all;
  }

  private static Object numbers(String operator, Object left, Object right) {
    if (operator.equals("/") || left instanceof Double || right instanceof Double) {
      return reals(operator, real(left), real(right));
    }
    long a = (Long) left;
    long b = (Long) right;
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "//" -> Math.floorDiv(a, divisor(b));
        case "%" -> Math.floorMod(a, divisor(b));
        default -> b < 0 ? (Object) reals("**", real(left), real(right)) : power(a, b);
      };
    } catch (ArithmeticException e) {
      throw TemplateException.unsupported("an integer over 64 bits");
    }
  }

  private static long divisor(long value) {
    if (value == 0) {
      throw new TemplateException("division by zero");
    }
    return value;
  }

  private static Object power(long base, long exponent) {
    long result = 1;
    for (long i = 0; i < exponent && (result != 0 && (i < 64 || base * base != 1)); i++) {
      result = Math.multiplyExact(result, base);
    }
    return base == -1 ? (exponent % 2 == 0 ? 1L : -1L) : result;
  }

  private static double real(Object value) {
    if (value instanceof Long whole && Math.abs(whole) > EXACT) {
      throw TemplateException.unsupported("a division of integers over 53 bits");
    }
    return ((Number) value).doubleValue();
  }

  private static Double reals(String operator, double a, double b) {
    boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
    if (divides && b == 0) {
      throw new TemplateException("division by zero");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      default -> throw TemplateException.unsupported(operator + " of floats");
    };
  }

  /** {@code -value}. */
  public static Object negated(Object value) {
    if (number(value) instanceof Long whole) {
      if (whole == Long.MIN_VALUE) {
        throw TemplateException.unsupported("an integer over 64 bits");
      }
      return -whole;
    }
    return -(Double) signed(value, "-");
  }

  /** {@code +value}. */
  public static Object positive(Object value) {
    return number(signed(value, "+"));
  }

  private static Object signed(Object value, String sign) {
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (!Values.isNumber(value)) {
      throw new TemplateException("no " + sign + " of " + Representation.type(value));
    }
    return value;
  }
}
