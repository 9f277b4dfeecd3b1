package org.uiospark.data.jinja.builtin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Budget;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.PythonText;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Values;

/** Methods of {@code str}. */
final class StringMethods {
  /** A method on its text. */
  @FunctionalInterface
  private interface Method {
    Object call(String text, Arguments arguments, Run run);
  }

  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          Map.entry("startswith", (text, arguments, run) -> matches(text, arguments, true)),
          Map.entry("endswith", (text, arguments, run) -> matches(text, arguments, false)),
          Map.entry("strip", (text, arguments, run) -> strip(text, arguments, true, true)),
          Map.entry("lstrip", (text, arguments, run) -> strip(text, arguments, true, false)),
          Map.entry("rstrip", (text, arguments, run) -> strip(text, arguments, false, true)),
          Map.entry("split", StringMethods::split),
          Map.entry("rsplit", StringMethods::rsplit),
          Map.entry(
              "splitlines", (text, arguments, run) -> plain(arguments, PythonText.lines(text))),
          Map.entry("partition", (text, arguments, run) -> partition(text, arguments, false)),
          Map.entry("rpartition", (text, arguments, run) -> partition(text, arguments, true)),
          Map.entry("upper", (text, arguments, run) -> plain(arguments, LetterCase.upper(text))),
          Map.entry("lower", (text, arguments, run) -> plain(arguments, LetterCase.lower(text))),
          Map.entry(
              "capitalize",
              (text, arguments, run) -> plain(arguments, LetterCase.capitalized(text))),
          Map.entry("title", (text, arguments, run) -> plain(arguments, LetterCase.titled(text))),
          Map.entry("replace", StringMethods::replace),
          Map.entry("join", StringMethods::join),
          Map.entry("find", (text, arguments, run) -> find(text, arguments, false)),
          Map.entry("rfind", (text, arguments, run) -> find(text, arguments, true)),
          Map.entry("count", StringMethods::count),
          Map.entry("removeprefix", StringMethods::removePrefix),
          Map.entry("removesuffix", StringMethods::removeSuffix),
          Map.entry(
              "isspace", (text, arguments, run) -> all(text, arguments, StringMethods::isSpace)),
          Map.entry("isalpha", (text, arguments, run) -> all(text, arguments, Character::isLetter)),
          Map.entry(
              "islower", (text, arguments, run) -> plain(arguments, LetterCase.isLower(text))),
          Map.entry(
              "isupper", (text, arguments, run) -> plain(arguments, LetterCase.isUpper(text))));

  /** The others that a string has. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          "casefold",
          "center",
          "encode",
          "expandtabs",
          "format",
          "format_map",
          "index",
          "isalnum",
          "isascii",
          "isdecimal",
          "isdigit",
          "isidentifier",
          "isnumeric",
          "isprintable",
          "istitle",
          "ljust",
          "maketrans",
          "rindex",
          "rjust",
          "swapcase",
          "translate",
          "zfill");

  private StringMethods() {}

  /** A method bound to its text; {@code null} if a string has none of this name. */
  static Function bound(String text, String name) {
    Method method = METHODS.get(name);
    if (method == null) {
      return UNSUPPORTED.contains(name) ? Attributes.unsupported("str", name) : null;
    }
    return (arguments, run) -> {
      run.budget.charge(text.length());
      Object result = method.call(text, arguments, run);
      arguments.end();
      return result;
    };
  }

  private static Object plain(Arguments arguments, Object result) {
    arguments.end();
    return result;
  }

  private static boolean matches(String text, Arguments arguments, boolean start) {
    Object affix = arguments.take("the text to look for");
    if (arguments.has("start")) {
      throw TemplateException.unsupported("a range in " + arguments.callee());
    }
    List<Object> affixes =
        affix instanceof Tuple tuple ? tuple.items() : List.of(affixOf(affix, arguments));
    for (Object each : affixes) {
      String part = affixOf(each, arguments);
      if (start ? text.startsWith(part) : text.endsWith(part)) {
        return true;
      }
    }
    return false;
  }

  private static String affixOf(Object value, Arguments arguments) {
    return Values.string(value, arguments.callee() + ": the text to look for");
  }

  private static String strip(String text, Arguments arguments, boolean left, boolean right) {
    Object characters = arguments.take("the characters", null);
    return strip(text, characters, left, right);
  }

  /** {@code strip}; of whitespace if the characters are {@code null}. */
  static String strip(String text, Object characters, boolean left, boolean right) {
    String stripped = text;
    if (characters == null) {
      stripped = left ? PythonText.stripLeft(stripped) : stripped;
      return right ? PythonText.stripRight(stripped) : stripped;
    }
    String set = Values.string(characters, "the characters to strip");
    stripped = left ? PythonText.stripLeft(stripped, set) : stripped;
    return right ? PythonText.stripRight(stripped, set) : stripped;
  }

  private static long limit(Arguments arguments) {
    long limit = Values.integer(arguments.take("maxsplit", -1L), "split: maxsplit");
    return limit < 0 ? Long.MAX_VALUE : limit;
  }

  private static String separator(Object separator) {
    String text = Values.string(separator, "split: the separator");
    if (text.isEmpty()) {
      throw new TemplateException("split: the separator is empty");
    }
    return text;
  }

  private static Object split(String text, Arguments arguments, Run run) {
    Object separator = arguments.take("sep", null);
    long limit = limit(arguments);
    List<Object> parts = new ArrayList<>();
    if (separator == null) {
      String rest = PythonText.stripLeft(text);
      while (!rest.isEmpty()) {
        int end = 0;
        while (end < rest.length() && !PythonText.isSpace(rest.charAt(end))) {
          end++;
        }
        if (parts.size() == limit) {
          parts.add(rest);
          break;
        }
        parts.add(rest.substring(0, end));
        run.budget.charge(rest.length());
        rest = PythonText.stripLeft(rest.substring(end));
      }
      return parts;
    }
    String mark = separator(separator);
    int from = 0;
    for (int at = text.indexOf(mark);
        at >= 0 && parts.size() < limit;
        at = text.indexOf(mark, from)) {
      parts.add(text.substring(from, at));
      from = at + mark.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static Object rsplit(String text, Arguments arguments, Run run) {
    Object separator = arguments.take("sep", null);
    if (separator == null) {
      throw TemplateException.unsupported("rsplit at whitespace");
    }
    long limit = limit(arguments);
    String mark = separator(separator);
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    for (int at = text.lastIndexOf(mark);
        at >= 0 && parts.size() < limit;
        at = to < mark.length() ? -1 : text.lastIndexOf(mark, to - mark.length())) {
      parts.add(text.substring(at + mark.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    java.util.Collections.reverse(parts);
    return parts;
  }

  private static Object partition(String text, Arguments arguments, boolean last) {
    String mark = separator(arguments.take("sep"));
    int at = last ? text.lastIndexOf(mark) : text.indexOf(mark);
    if (at < 0) {
      return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(List.of(text.substring(0, at), mark, text.substring(at + mark.length())));
  }

  private static Object replace(String text, Arguments arguments, Run run) {
    String old = arguments.text("old");
    String by = arguments.text("new");
    long count = Values.integer(arguments.take("count", -1L), "replace: count");
    return replaced(text, old, by, count, run.budget);
  }

  /** {@code replace}; all if the count is negative. */
  static String replaced(String text, String old, String by, long count, Budget budget) {
    long left = count < 0 ? Long.MAX_VALUE : count;
    StringBuilder result = new StringBuilder();
    int from = 0;
    budget.charge(text.length());
    while (left-- > 0) {
      int at = text.indexOf(old, from);
      if (at < 0) {
        break;
      }
      budget.charge(
          by.length() + (long) result.length() > Budget.LARGEST ? Long.MAX_VALUE : by.length());
      result.append(text, from, at).append(by);
      from = at + old.length();
      if (old.isEmpty()) {
        if (at == text.length()) {
          return result.toString();
        }
        from = text.offsetByCodePoints(at, 1);
        result.append(text, at, from);
      }
    }
    return result.append(text, from, text.length()).toString();
  }

  private static Object join(String text, Arguments arguments, Run run) {
    List<Object> items = Values.list(arguments.take("the parts"), run.budget);
    StringBuilder joined = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      String item = Values.string(items.get(i), "join: part " + i);
      run.budget.charge(
          (long) joined.length() + item.length() > Budget.LARGEST
              ? Long.MAX_VALUE
              : text.length() + (long) item.length());
      joined.append(i == 0 ? "" : text).append(item);
    }
    return joined.toString();
  }

  private static Object find(String text, Arguments arguments, boolean last) {
    String part = arguments.text("the text to look for");
    int at = last ? text.lastIndexOf(part) : text.indexOf(part);
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static Object count(String text, Arguments arguments, Run run) {
    String part = arguments.text("the text to look for");
    if (part.isEmpty()) {
      return PythonText.length(text) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  private static Object removePrefix(String text, Arguments arguments, Run run) {
    String prefix = arguments.text("the prefix");
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static Object removeSuffix(String text, Arguments arguments, Run run) {
    String suffix = arguments.text("the suffix");
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }

  private static boolean isSpace(int point) {
    return point < 0x10000 && PythonText.isSpace((char) point);
  }

  private static Object all(String text, Arguments arguments, IntPredicate holds) {
    return plain(arguments, !text.isEmpty() && text.codePoints().allMatch(holds));
  }
}
