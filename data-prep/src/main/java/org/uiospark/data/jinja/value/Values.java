package org.uiospark.data.jinja.value;

import java.util.AbstractList;
import java.util.List;
import java.util.Map;

/** What a value is taken for: true or false, a list, a number, a text. */
public final class Values {
  private Values() {}

  /** {@code bool(value)}. */
  public static boolean truth(Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    if (value instanceof Long number) {
      return number != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof Undefined || value == null) {
      return false;
    }
    if (value instanceof Markup markup) {
      return !markup.text().isEmpty();
    }
    return hasLength(value) ? length(value) > 0 : true;
  }

  static boolean hasLength(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Map
        || value instanceof View
        || value instanceof Undefined
        || value instanceof Loop;
  }

  /** {@code len}. */
  public static long length(Object value) {
    if (value instanceof String text) {
      return PythonText.length(text);
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Tuple tuple) {
      return tuple.items().size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof View view) {
      return view.items().size();
    }
    if (value instanceof Loop loop) {
      return loop.length();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new TemplateException(Representation.type(value) + " has no length");
  }

  /** Whether a loop can walk it. */
  public static boolean isIterable(Object value) {
    return (hasLength(value) && !(value instanceof Loop)) || value instanceof Generator;
  }

  /** What a loop over a value walks. */
  @SuppressWarnings("unchecked")
  public static List<Object> list(Object value, Budget budget) {
    if (value instanceof Generator generator) {
      return generator.rest();
    }
    if (!isIterable(value)) {
      throw new TemplateException(Representation.type(value) + " cannot be iterated over");
    }
    budget.charge(length(value));
    if (value instanceof String text) {
      return PythonText.characters(text);
    }
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    if (value instanceof Map<?, ?> map) {
      return List.copyOf((java.util.Set<Object>) map.keySet());
    }
    if (value instanceof View view) {
      return view.items();
    }
    return value instanceof Undefined ? List.of() : (List<Object>) value;
  }

  /** Whether it is an integer or a float; {@code true} and {@code false} are integers. */
  public static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  /** An integer; {@code true} and {@code false} are 1 and 0. */
  public static long integer(Object value, String what) {
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof Boolean bool) {
      return bool ? 1 : 0;
    }
    throw wrong(value, what, "an integer");
  }

  /**
   * A string.
   *
   * @param what the value is, for messages
   * @throws TemplateException if it is none
   */
  public static String string(Object value, String what) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(value, what, "a string");
  }

  private static TemplateException wrong(Object value, String what, String wanted) {
    return value instanceof Undefined undefined
        ? undefined.error()
        : new TemplateException(
            what
                + " is no "
                + wanted.replaceFirst("^an? ", "")
                + " but "
                + Representation.type(value));
  }

  /** {@code range(start, stop, step)}, of which nothing is held. */
  public static List<Object> range(long start, long stop, long step) {
    if (step == 0) {
      throw new TemplateException("range() needs a step that is not 0");
    }
    if (Math.max(Math.max(Math.abs(start), Math.abs(stop)), Math.abs(step)) > Integer.MAX_VALUE) {
      throw TemplateException.unsupported("a range beyond 32 bits");
    }
    long size = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
    return new Range(start, stop, step, (int) Math.min(Integer.MAX_VALUE, Math.max(0, size)));
  }

  /** The numbers of a range. */
  public static final class Range extends AbstractList<Object> {
    final long start;
    final long stop;
    final long step;
    private final int size;

    private Range(long start, long stop, long step, int size) {
      this.start = start;
      this.stop = stop;
      this.step = step;
      this.size = size;
    }

    @Override
    public Object get(int index) {
      if (index < 0 || index >= size) {
        throw new IndexOutOfBoundsException(index);
      }
      return start + index * step;
    }

    @Override
    public int size() {
      return size;
    }
  }
}
