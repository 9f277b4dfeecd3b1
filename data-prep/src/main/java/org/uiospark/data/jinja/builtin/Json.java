package org.uiospark.data.jinja.builtin;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Budget;
import org.uiospark.data.jinja.value.Comparisons;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Values;

/** {@code json.dumps} of Python, which is the filter {@code tojson} of HuggingFace. */
final class Json {
  private final Budget budget;
  private final boolean ascii;
  private final boolean sorted;

  /** The spaces of one level; {@code null} writes all in one line. */
  private final String indent;

  private final String itemSeparator;
  private final String keySeparator;
  private final StringBuilder out = new StringBuilder();

  private Json(Arguments arguments, Run run) {
    budget = run.budget;
    ascii = arguments.flag("ensure_ascii", false);
    Object step = arguments.take("indent", null);
    if (step instanceof String text) {
      indent = text;
    } else if (step == null) {
      indent = null;
    } else {
      long spaces = Math.max(0, Values.integer(step, "tojson: indent"));
      budget.charge(spaces);
      indent = " ".repeat((int) spaces);
    }
    Object separators = arguments.take("separators", null);
    if (separators == null) {
      itemSeparator = indent == null ? ", " : ",";
      keySeparator = ": ";
    } else {
      List<Object> both = Values.list(separators, budget);
      if (both.size() != 2) {
        throw new TemplateException("tojson: separators are two");
      }
      itemSeparator = Values.string(both.get(0), "tojson: a separator");
      keySeparator = Values.string(both.get(1), "tojson: a separator");
    }
    sorted = arguments.flag("sort_keys", false);
    arguments.end();
  }

  static String of(Object value, Arguments arguments, Run run) {
    Json json = new Json(arguments, run);
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(Object value, int depth) {
    budget.charge(out.length() > Budget.LARGEST ? Long.MAX_VALUE : 16);
    if (value == null || value instanceof Boolean || value instanceof Long) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(
          number.isNaN()
              ? "NaN"
              : number.isInfinite()
                  ? (number > 0 ? "Infinity" : "-Infinity")
                  : Representation.real(number));
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Tuple tuple) {
      list(tuple.items(), depth);
    } else if (value instanceof List<?> list && !(value instanceof Values.Range)) {
      list(list, depth);
    } else if (value instanceof Map<?, ?> map) {
      map(sorted ? sorted(map) : map, depth);
    } else {
      throw new TemplateException("tojson of " + Representation.type(value));
    }
  }

  private Map<?, ?> sorted(Map<?, ?> map) {
    Map<Object, Object> sorted =
        new TreeMap<>((left, right) -> Comparisons.compare(left, right, budget));
    sorted.putAll(map);
    return sorted;
  }

  private void list(List<?> list, int depth) {
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      between(i, depth + 1);
      write(list.get(i), depth + 1);
    }
    close(list, depth);
    out.append(']');
  }

  private void map(Map<?, ?> map, int depth) {
    out.append('{');
    int index = 0;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      between(index++, depth + 1);
      string((String) entry.getKey());
      out.append(keySeparator);
      write(entry.getValue(), depth + 1);
    }
    close(new ArrayList<>(map.keySet()), depth);
    out.append('}');
  }

  private void between(int index, int depth) {
    out.append(index == 0 ? "" : itemSeparator);
    line(depth);
  }

  private void close(Collection<?> items, int depth) {
    if (!items.isEmpty()) {
      line(depth);
    }
  }

  private void line(int depth) {
    if (indent != null) {
      budget.charge((long) indent.length() * depth);
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void string(String text) {
    budget.charge(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || (ascii && c > '~')) {
            String hex = Integer.toHexString(c);
            out.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
