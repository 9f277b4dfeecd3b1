package org.uiospark.data.jinja.builtin;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Arithmetic;
import org.uiospark.data.jinja.value.Budget;
import org.uiospark.data.jinja.value.Comparisons;
import org.uiospark.data.jinja.value.Generator;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** Filters of lists. */
final class ListFilters {
  private static final Pattern INDEX = Pattern.compile("\\d+");

  private ListFilters() {}

  static Object list(Object value, Arguments arguments, Run run) {
    return new ArrayList<>(Values.list(value, run.budget));
  }

  static Object first(Object value, Arguments arguments, Run run) {
    if (value instanceof Generator generator) {
      return generator.next();
    }
    List<Object> items = Values.list(value, run.budget);
    return items.isEmpty() ? new Undefined("the first item of nothing") : items.get(0);
  }

  static Object last(Object value, Arguments arguments, Run run) {
    List<Object> items = reversible(value, run);
    return items.isEmpty()
        ? new Undefined("the last item of nothing")
        : items.get(items.size() - 1);
  }

  private static List<Object> reversible(Object value, Run run) {
    if (value instanceof Generator) {
      throw new TemplateException("a generator has no last item");
    }
    return Values.list(value, run.budget);
  }

  static Object reverse(Object value, Arguments arguments, Run run) {
    boolean walked = value instanceof Generator;
    List<Object> items = new ArrayList<>(Values.list(value, run.budget));
    Collections.reverse(items);
    if (value instanceof String) {
      StringBuilder text = new StringBuilder();
      items.forEach(text::append);
      return text.toString();
    }
    return walked ? items : new Generator(items);
  }

  static Object join(Object value, Arguments arguments, Run run) {
    String separator = Representation.text(arguments.take("d", ""), run.budget);
    UnaryOperator<Object> key = attribute(arguments.take("attribute", null), null);
    StringBuilder joined = new StringBuilder();
    String between = "";
    for (Object item : Values.list(value, run.budget)) {
      String text = Representation.text(key.apply(item), run.budget);
      long length = (long) joined.length() + text.length() + between.length();
      run.budget.charge(length > Budget.LARGEST ? length : text.length() + between.length());
      joined.append(between).append(text);
      between = separator;
    }
    return joined.toString();
  }

  static Object items(Object value, Arguments arguments, Run run) {
    if (value instanceof Undefined) {
      return new Generator(List.of());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException("items of " + Representation.type(value));
    }
    return new Generator(Attributes.items(map));
  }

  static Object sort(Object value, Arguments arguments, Run run) {
    boolean reverse = arguments.flag("reverse", false);
    boolean exact = arguments.flag("case_sensitive", false);
    Object attribute = arguments.take("attribute", null);
    if (attribute instanceof String names && names.contains(",")) {
      throw TemplateException.unsupported("sort by several attributes");
    }
    UnaryOperator<Object> key = folded(attribute(attribute, null), exact);
    List<Object> sorted = new ArrayList<>(Values.list(value, run.budget));
    sorted.sort(order(key, reverse, run));
    return sorted;
  }

  private static Comparator<Object> order(UnaryOperator<Object> key, boolean reverse, Run run) {
    Comparator<Object> order =
        (left, right) -> Comparisons.compare(key.apply(left), key.apply(right), run.budget);
    return reverse ? order.reversed() : order;
  }

  static Object dictSort(Object value, Arguments arguments, Run run) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException("dictsort of " + Representation.type(value));
    }
    boolean exact = arguments.flag("case_sensitive", false);
    Object by = arguments.take("by", "key");
    boolean reverse = arguments.flag("reverse", false);
    if (!by.equals("key") && !by.equals("value")) {
      throw new TemplateException("dictsort by " + by);
    }
    int index = by.equals("key") ? 0 : 1;
    List<Object> sorted = Attributes.items(map);
    sorted.sort(order(folded(item -> ((Tuple) item).items().get(index), exact), reverse, run));
    return sorted;
  }

  private static UnaryOperator<Object> folded(UnaryOperator<Object> key, boolean exact) {
    return item -> {
      Object value = key.apply(item);
      return !exact && value instanceof String text ? LetterCase.lower(text) : value;
    };
  }

  static Object unique(Object value, Arguments arguments, Run run) {
    boolean exact = arguments.flag("case_sensitive", false);
    UnaryOperator<Object> key = folded(attribute(arguments.take("attribute", null), null), exact);
    List<Object> seen = new ArrayList<>();
    List<Object> unique = new ArrayList<>();
    for (Object item : Values.list(value, run.budget)) {
      Object mark = key.apply(item);
      if (mark instanceof List || mark instanceof Map) {
        throw new TemplateException("unique of " + Representation.type(mark));
      }
      if (!Comparisons.contains(seen, mark, run.budget)) {
        seen.add(mark);
        unique.add(item);
      }
    }
    return new Generator(unique);
  }

  static Object sum(Object value, Arguments arguments, Run run) {
    UnaryOperator<Object> key = attribute(arguments.take("attribute", null), null);
    Object sum = arguments.take("start", 0L);
    for (Object item : Values.list(value, run.budget)) {
      sum = Arithmetic.binary("+", sum, key.apply(item), run.budget);
    }
    return sum;
  }

  static Object extreme(Object value, Arguments arguments, Run run, int sign) {
    boolean exact = arguments.flag("case_sensitive", false);
    UnaryOperator<Object> key = folded(attribute(arguments.take("attribute", null), null), exact);
    List<Object> items = Values.list(value, run.budget);
    if (items.isEmpty()) {
      return new Undefined("an extreme of nothing");
    }
    Object best = items.get(0);
    for (Object item : items.subList(1, items.size())) {
      int order = Comparisons.compare(key.apply(item), key.apply(best), run.budget);
      best = order * sign > 0 ? item : best;
    }
    return best;
  }

  static Object map(Object value, Arguments arguments, Run run) {
    List<Object> mapped = new ArrayList<>();
    List<Object> given = arguments.rest();
    Map<String, Object> named = arguments.named();
    if (given.isEmpty() && named.containsKey("attribute")) {
      Arguments of = new Arguments("filter map", List.of(), named);
      Object attribute = of.take("attribute");
      UnaryOperator<Object> key = attribute(attribute, of.take("default", null));
      of.end();
      for (Object item : Values.list(value, run.budget)) {
        mapped.add(key.apply(item));
      }
      return new Generator(mapped);
    }
    if (given.isEmpty()) {
      throw new TemplateException("map needs a filter");
    }
    String name = Values.string(given.get(0), "map: the filter");
    Filters.Filter filter = Filters.get(name);
    for (Object item : Values.list(value, run.budget)) {
      Arguments each = new Arguments("filter " + name, given.subList(1, given.size()), named);
      run.budget.step();
      mapped.add(filter.apply(item, each, run));
      each.end();
    }
    return new Generator(mapped);
  }

  static Object selectAttribute(Object value, boolean wanted, Arguments arguments, Run run) {
    return select(value, attribute(arguments.take("the attribute"), null), wanted, arguments, run);
  }

  static Object select(
      Object value, UnaryOperator<Object> key, boolean wanted, Arguments arguments, Run run) {
    List<Object> given = arguments.rest();
    Map<String, Object> named = arguments.named();
    String name = given.isEmpty() ? "" : Values.string(given.get(0), "the name of a test");
    List<Object> kept = new ArrayList<>();
    for (Object item : Values.truth(value) ? Values.list(value, run.budget) : List.of()) {
      Object tested = key.apply(item);
      run.budget.step();
      boolean holds;
      if (given.isEmpty()) {
        holds = Values.truth(tested);
      } else {
        Arguments each = new Arguments("test " + name, given.subList(1, given.size()), named);
        holds = Tests.get(name).holds(tested, each, run);
        each.end();
      }
      if (holds == wanted) {
        kept.add(item);
      }
    }
    return new Generator(kept);
  }

  /** What looks up {@code a.b.0}; the value itself where no attribute is given. */
  private static UnaryOperator<Object> attribute(Object attribute, Object otherwise) {
    if (attribute == null) {
      return item -> item;
    }
    Object[] parts =
        attribute instanceof String path ? path.split("\\.", -1) : new Object[] {attribute};
    for (int i = 0; i < parts.length; i++) {
      if (parts[i] instanceof String part && INDEX.matcher(part).matches()) {
        parts[i] = Long.valueOf(part);
      }
    }
    return item -> {
      Object value = item;
      for (Object part : parts) {
        value = Attributes.item(value, part);
        value = otherwise != null && value instanceof Undefined ? otherwise : value;
      }
      return value;
    };
  }
}
