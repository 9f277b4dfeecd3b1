package org.uiospark.data.jinja.value;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** {@code ==}, {@code <}, {@code in} and the others, as Python compares. */
public final class Comparisons {
  private Comparisons() {}

  /** Whether {@code left operator right} is true. */
  public static boolean holds(String operator, Object left, Object right, Budget budget) {
    budget.step();
    return switch (operator) {
      case "==" -> equal(left, right, budget);
      case "!=" -> !equal(left, right, budget);
      case "in" -> contains(right, left, budget);
      case "not in" -> !contains(right, left, budget);
      default -> ordered(operator, left, right, budget);
    };
  }

  private static boolean ordered(String operator, Object left, Object right, Budget budget) {
    boolean number = left instanceof Double || right instanceof Double;
    if (number && Values.isNumber(left) && Values.isNumber(right)) {
      double a = ((Number) Arithmetic.number(left)).doubleValue();
      double b = ((Number) Arithmetic.number(right)).doubleValue();
      if (Double.isNaN(a) || Double.isNaN(b)) {
        return false;
      }
    }
    int order = compare(left, right, budget);
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  /** {@code left == right}. */
  public static boolean equal(Object left, Object right, Budget budget) {
    budget.step();
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return equalNumbers(Arithmetic.number(left), Arithmetic.number(right));
    }
    if (left instanceof String text && right instanceof String) {
      budget.charge(text.length());
      return text.equals(right);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return equalItems(a, b, budget);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return equalItems(a.items(), b.items(), budget);
    }
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : a.entrySet()) {
        if (!b.containsKey(entry.getKey())
            || !same(entry.getValue(), b.get(entry.getKey()), budget)) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof View || right instanceof View) {
      throw TemplateException.unsupported("a comparison of keys(), values() or items()");
    }
    Markup.refuse(left);
    Markup.refuse(right);
    return (left instanceof Undefined && right instanceof Undefined) || left == right;
  }

  private static boolean equalNumbers(Object left, Object right) {
    if (left instanceof Long && right instanceof Long) {
      return left.equals(right);
    }
    double a = ((Number) left).doubleValue();
    double b = ((Number) right).doubleValue();
    return a == b && (Double.isInfinite(a) || exact(left).compareTo(exact(right)) == 0);
  }

  private static BigDecimal exact(Object number) {
    return number instanceof Long whole
        ? BigDecimal.valueOf(whole)
        : new BigDecimal((Double) number);
  }

  /** Python takes an element for equal to itself before it compares. */
  private static boolean same(Object left, Object right, Budget budget) {
    return left == right || equal(left, right, budget);
  }

  private static boolean equalItems(List<?> left, List<?> right, Budget budget) {
    if (left instanceof Values.Range != right instanceof Values.Range) {
      return false;
    }
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!same(left.get(i), right.get(i), budget)) {
        return false;
      }
    }
    return true;
  }

  /** Below 0, 0 or above, as in a {@link java.util.Comparator}. */
  public static int compare(Object left, Object right, Budget budget) {
    budget.step();
    if (Values.isNumber(left) && Values.isNumber(right)) {
      Object a = Arithmetic.number(left);
      Object b = Arithmetic.number(right);
      double x = ((Number) a).doubleValue();
      double y = ((Number) b).doubleValue();
      if (Double.isNaN(x) || Double.isNaN(y)) {
        throw TemplateException.unsupported("an order with nan");
      }
      return Double.isInfinite(x) || Double.isInfinite(y)
          ? Double.compare(x, y)
          : exact(a).compareTo(exact(b));
    }
    if (left instanceof String a && right instanceof String b) {
      budget.charge(Math.min(a.length(), b.length()));
      return compareText(a, b);
    }
    if (left instanceof List<?> a
        && right instanceof List<?> b
        && !(a instanceof Values.Range)
        && !(b instanceof Values.Range)) {
      return compareItems(a, b, budget);
    }
    if (left instanceof Tuple a && right instanceof Tuple b) {
      return compareItems(a.items(), b.items(), budget);
    }
    for (Object value : new Object[] {left, right}) {
      if (value instanceof Undefined undefined) {
        throw undefined.error();
      }
    }
    throw new TemplateException(
        Representation.type(left) + " and " + Representation.type(right) + " have no order");
  }

  private static int compareItems(List<?> left, List<?> right, Budget budget) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!same(left.get(i), right.get(i), budget)) {
        return compare(left.get(i), right.get(i), budget);
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  /** By code points; Java's own order is by UTF-16. */
  private static int compareText(String left, String right) {
    int mismatch = 0;
    int common = Math.min(left.length(), right.length());
    while (mismatch < common && left.charAt(mismatch) == right.charAt(mismatch)) {
      mismatch++;
    }
    if (mismatch == common) {
      return Integer.compare(left.length(), right.length());
    }
    char a = left.charAt(mismatch);
    char b = right.charAt(mismatch);
    boolean high = Character.isSurrogate(a);
    return high == Character.isSurrogate(b) ? Character.compare(a, b) : high ? 1 : -1;
  }

  /** {@code item in container}. */
  public static boolean contains(Object container, Object item, Budget budget) {
    Markup.refuse(item);
    if (container instanceof String text) {
      String part = Values.string(item, "what is sought in a string");
      budget.charge(text.length());
      return text.contains(part);
    }
    if (container instanceof Map<?, ?> map) {
      if (item instanceof List || item instanceof Map) {
        throw new TemplateException(Representation.type(item) + " cannot be a key");
      }
      return item instanceof String && map.containsKey(item);
    }
    if (container instanceof Loop || container instanceof Namespace) {
      throw new TemplateException(Representation.type(container) + " contains nothing");
    }
    if (container instanceof Generator) {
      throw TemplateException.unsupported("'in' of a generator");
    }
    for (Object each : Values.list(container, budget)) {
      if (same(each, item, budget)) {
        return true;
      }
    }
    return false;
  }
}
