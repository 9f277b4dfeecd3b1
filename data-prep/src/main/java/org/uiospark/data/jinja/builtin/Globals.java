package org.uiospark.data.jinja.builtin;

import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.Namespace;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Values;

/** Functions that every template has. */
public final class Globals {
  /** What Jinja2's sandbox allows. */
  private static final int LONGEST_RANGE = 100_000;

  private static final Map<Character, String> DATES =
      Map.ofEntries(
          Map.entry('Y', "yyyy"),
          Map.entry('y', "yy"),
          Map.entry('m', "MM"),
          Map.entry('B', "MMMM"),
          Map.entry('b', "MMM"),
          Map.entry('d', "dd"),
          Map.entry('A', "EEEE"),
          Map.entry('a', "EEE"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"));

  private static final Map<String, Function> FUNCTIONS =
      Map.ofEntries(
          Map.entry("range", Globals::range),
          Map.entry("dict", (arguments, run) -> attributes(arguments, run)),
          Map.entry("namespace", (arguments, run) -> new Namespace(attributes(arguments, run))),
          Map.entry("raise_exception", Globals::raise),
          Map.entry("strftime_now", Globals::now),
          Map.entry("lipsum", unsupported("lipsum")),
          Map.entry("cycler", unsupported("cycler")),
          Map.entry("joiner", unsupported("joiner")));

  private Globals() {}

  /** A function; {@code null} if there is none of this name. */
  public static Function get(String name) {
    return FUNCTIONS.get(name);
  }

  private static Function unsupported(String name) {
    return (arguments, run) -> {
      throw TemplateException.unsupported("the function " + name);
    };
  }

  private static Object range(Arguments arguments, Run run) {
    long first = Values.integer(arguments.take("stop"), "range: a bound");
    boolean both = arguments.has("stop");
    long stop = both ? Values.integer(arguments.take("stop"), "range: a bound") : first;
    long step = Values.integer(arguments.take("step", 1L), "range: the step");
    arguments.end();
    var range = Values.range(both ? first : 0, stop, step);
    if (range.size() > LONGEST_RANGE) {
      throw new TemplateException("a range over " + LONGEST_RANGE + " long");
    }
    return range;
  }

  private static Map<String, Object> attributes(Arguments arguments, Run run) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    if (arguments.has("")) {
      if (!(arguments.take("") instanceof Map<?, ?> map)) {
        throw TemplateException.unsupported(arguments.callee() + " of pairs");
      }
      map.forEach((key, value) -> attributes.put((String) key, value));
    }
    attributes.putAll(arguments.named());
    arguments.end();
    return attributes;
  }

  private static Object raise(Arguments arguments, Run run) {
    Object message = arguments.take("message");
    arguments.end();
    throw new TemplateException(Representation.text(message, run.budget));
  }

  private static Object now(Arguments arguments, Run run) {
    String format = arguments.text("format");
    arguments.end();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        text.append(c);
        continue;
      }
      char kind = ++i < format.length() ? format.charAt(i) : ' ';
      if (kind == '%') {
        text.append('%');
      } else if (DATES.containsKey(kind)) {
        text.append(DateTimeFormatter.ofPattern(DATES.get(kind), Locale.US).format(run.now));
      } else {
        throw TemplateException.unsupported("%" + kind + " in strftime_now");
      }
    }
    return text.toString();
  }
}
