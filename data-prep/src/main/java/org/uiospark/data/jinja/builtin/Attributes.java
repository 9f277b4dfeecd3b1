package org.uiospark.data.jinja.builtin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Budget;
import org.uiospark.data.jinja.value.Comparisons;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.Generator;
import org.uiospark.data.jinja.value.Loop;
import org.uiospark.data.jinja.value.Markup;
import org.uiospark.data.jinja.value.Namespace;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;
import org.uiospark.data.jinja.value.View;

/**
 * Attributes, items and slices of values, looked up as Jinja2 does: {@code a.b} and {@code a['b']}.
 */
public final class Attributes {
  private static final Set<String> LIST =
      Set.of(
          "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove",
          "reverse", "sort");
  private static final Set<String> DICT =
      Set.of(
          "clear",
          "copy",
          "fromkeys",
          "get",
          "items",
          "keys",
          "pop",
          "popitem",
          "setdefault",
          "update",
          "values");
  private static final Set<String> NUMBER =
      Set.of(
          "as_integer_ratio",
          "bit_count",
          "bit_length",
          "conjugate",
          "denominator",
          "from_bytes",
          "fromhex",
          "hex",
          "imag",
          "is_integer",
          "numerator",
          "real",
          "to_bytes");
  private static final Set<String> VIEW = Set.of("isdisjoint", "mapping");

  private Attributes() {}

  /** {@code of.name}: what Python has under the name, else the item. */
  public static Object attribute(Object of, String name) {
    Object own = own(of, name);
    if (own != null) {
      return own instanceof None ? null : own;
    }
    if (of instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return missing(of, name);
  }

  /** {@code of[index]}: the item, else what Python has under the name. */
  public static Object item(Object of, Object index) {
    Markup.refuse(of);
    Markup.refuse(index);
    if (of instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (of instanceof Map<?, ?> map && index instanceof String && map.containsKey(index)) {
      return map.get(index);
    }
    if (index instanceof Long || index instanceof Boolean) {
      return indexed(of, Values.integer(index, "an index"));
    }
    if (index instanceof String name) {
      Object own = own(of, name);
      if (own != null) {
        return own instanceof None ? null : own;
      }
    }
    return missing(of, index);
  }

  private static Object indexed(Object of, long index) {
    if (!(of instanceof String || of instanceof List || of instanceof Tuple)) {
      return missing(of, index);
    }
    long size = Values.length(of);
    long at = index < 0 ? index + size : index;
    if (at < 0 || at >= size) {
      return missing(of, index);
    }
    if (of instanceof String text) {
      int from = text.offsetByCodePoints(0, (int) at);
      return text.substring(from, text.offsetByCodePoints(from, 1));
    }
    return (of instanceof Tuple tuple ? tuple.items() : (List<?>) of).get((int) at);
  }

  private static Undefined missing(Object of, Object name) {
    return new Undefined("'" + name + "' of " + Representation.type(of));
  }

  /** A value that is there and is None. */
  private enum None {
    NONE
  }

  /** What Python itself has under a name; {@code null} if it has nothing. */
  private static Object own(Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw undefined.error();
    }
    Markup.refuse(of);
    if (name.startsWith("__")) {
      throw TemplateException.unsupported("the attribute " + name);
    }
    if (of instanceof Namespace namespace) {
      Object value = namespace.attributes().get(name);
      return value == null && namespace.attributes().containsKey(name) ? None.NONE : value;
    }
    if (of instanceof Loop loop) {
      Object value = loop.attribute(name);
      return value == null ? None.NONE : value;
    }
    if (of instanceof String text) {
      return StringMethods.bound(text, name);
    }
    if (of instanceof Map<?, ?> map) {
      return DICT.contains(name) ? dictMethod(map, name) : null;
    }
    if (of instanceof Values.Range && Set.of("start", "stop", "step").contains(name)) {
      throw TemplateException.unsupported("the attribute " + name + " of a range");
    }
    if (of instanceof List || of instanceof Tuple) {
      boolean known =
          of instanceof List ? LIST.contains(name) : Set.of("count", "index").contains(name);
      return known ? listMethod(of, name) : null;
    }
    boolean known =
        (Values.isNumber(of) && NUMBER.contains(name))
            || (of instanceof View && VIEW.contains(name))
            || of instanceof Function
            || of instanceof Generator;
    if (known) {
      throw TemplateException.unsupported(
          "the attribute " + name + " of " + Representation.type(of));
    }
    return null;
  }

  private static Function dictMethod(Map<?, ?> map, String name) {
    return switch (name) {
      case "get" ->
          (arguments, run) -> {
            Object key = arguments.take("key");
            Object absent = arguments.take("default", null);
            Markup.refuse(key);
            arguments.end();
            return key instanceof String && map.containsKey(key) ? map.get(key) : absent;
          };
      case "items" -> (arguments, run) -> view("dict_items", items(map), arguments);
      case "keys" ->
          (arguments, run) -> view("dict_keys", new ArrayList<>(map.keySet()), arguments);
      case "values" ->
          (arguments, run) -> view("dict_values", new ArrayList<>(map.values()), arguments);
      default -> unsupported("dict", name);
    };
  }

  static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      List<Object> pair = new ArrayList<>();
      pair.add(entry.getKey());
      pair.add(entry.getValue());
      items.add(new Tuple(pair));
    }
    return items;
  }

  private static View view(String name, List<Object> items, Arguments arguments) {
    arguments.end();
    return new View(name, items);
  }

  private static Function listMethod(Object of, String name) {
    if (!name.equals("count") && !name.equals("index")) {
      return unsupported("list", name);
    }
    return (arguments, run) -> {
      Object wanted = arguments.take("value");
      arguments.end();
      List<Object> items = Values.list(of, run.budget);
      long count = 0;
      for (int i = 0; i < items.size(); i++) {
        if (Comparisons.equal(items.get(i), wanted, run.budget)) {
          if (name.equals("index")) {
            return (long) i;
          }
          count++;
        }
      }
      if (name.equals("index")) {
        throw new TemplateException("index() of what is not in the list");
      }
      return count;
    };
  }

  /** A method that is there, as {@code is defined} can see, and cannot be called. */
  static Function unsupported(String type, String name) {
    return (arguments, run) -> {
      throw TemplateException.unsupported("the method " + name + " of a " + type);
    };
  }

  /** {@code of[from:to:step]}; each may be {@code null}. */
  public static Object slice(Object of, Long from, Long to, Long by, Budget budget) {
    if (of instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (!(of instanceof String || of instanceof List || of instanceof Tuple)) {
      throw new TemplateException(Representation.type(of) + " cannot be sliced");
    }
    if (of instanceof Values.Range) {
      throw TemplateException.unsupported("a slice of a range");
    }
    List<Object> items = Values.list(of, budget);
    long step = by == null ? 1 : by;
    if (step == 0) {
      throw new TemplateException("a slice needs a step that is not 0");
    }
    long size = items.size();
    long low = step > 0 ? 0 : -1;
    long high = step > 0 ? size : size - 1;
    long start = from == null ? (step > 0 ? low : high) : clamped(from, size, low, high);
    long stop = to == null ? (step > 0 ? high : low) : clamped(to, size, low, high);
    List<Object> part = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      part.add(items.get((int) i));
      if (step > size || step < -size) {
        break;
      }
    }
    if (of instanceof String) {
      StringBuilder text = new StringBuilder();
      part.forEach(text::append);
      return text.toString();
    }
    return of instanceof Tuple ? new Tuple(part) : part;
  }

  private static long clamped(long bound, long size, long low, long high) {
    long at = bound < 0 ? bound + size : bound;
    return Math.max(low, Math.min(high, at));
  }
}
