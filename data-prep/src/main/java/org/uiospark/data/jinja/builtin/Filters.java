package org.uiospark.data.jinja.builtin;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Markup;
import org.uiospark.data.jinja.value.PythonText;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** What stands behind {@code |}. */
public final class Filters {
  /** Makes a value of another. */
  @FunctionalInterface
  public interface Filter {
    Object apply(Object value, Arguments arguments, Run run);
  }

  private static final Map<String, Filter> FILTERS =
      Map.ofEntries(
          Map.entry("abs", (value, arguments, run) -> Numbers.absolute(value, arguments)),
          Map.entry("int", (value, arguments, run) -> Numbers.integer(value, arguments)),
          Map.entry("float", (value, arguments, run) -> Numbers.real(value, arguments)),
          Map.entry("round", (value, arguments, run) -> Numbers.rounded(value, arguments)),
          Map.entry("default", Filters::otherwise),
          Map.entry("d", Filters::otherwise),
          Map.entry("length", (value, arguments, run) -> Values.length(value)),
          Map.entry("count", (value, arguments, run) -> Values.length(value)),
          Map.entry("string", (value, arguments, run) -> text(value, run)),
          Map.entry("lower", (value, arguments, run) -> LetterCase.lower(text(value, run))),
          Map.entry("upper", (value, arguments, run) -> LetterCase.upper(text(value, run))),
          Map.entry(
              "capitalize", (value, arguments, run) -> LetterCase.capitalized(text(value, run))),
          Map.entry("title", (value, arguments, run) -> title(text(value, run))),
          Map.entry("trim", Filters::trim),
          Map.entry("replace", Filters::replace),
          Map.entry("indent", Filters::indent),
          Map.entry("tojson", Json::of),
          Map.entry(
              "safe",
              (value, arguments, run) -> new Markup(Representation.text(value, run.budget))),
          Map.entry("list", ListFilters::list),
          Map.entry("first", ListFilters::first),
          Map.entry("last", ListFilters::last),
          Map.entry("join", ListFilters::join),
          Map.entry("reverse", ListFilters::reverse),
          Map.entry("sort", ListFilters::sort),
          Map.entry("dictsort", ListFilters::dictSort),
          Map.entry("items", ListFilters::items),
          Map.entry("unique", ListFilters::unique),
          Map.entry("sum", ListFilters::sum),
          Map.entry(
              "min", (value, arguments, run) -> ListFilters.extreme(value, arguments, run, -1)),
          Map.entry(
              "max", (value, arguments, run) -> ListFilters.extreme(value, arguments, run, 1)),
          Map.entry("map", ListFilters::map),
          Map.entry(
              "select",
              (value, arguments, run) ->
                  ListFilters.select(value, item -> item, true, arguments, run)),
          Map.entry(
              "reject",
              (value, arguments, run) ->
                  ListFilters.select(value, item -> item, false, arguments, run)),
          Map.entry(
              "selectattr",
              (value, arguments, run) -> ListFilters.selectAttribute(value, true, arguments, run)),
          Map.entry(
              "rejectattr",
              (value, arguments, run) ->
                  ListFilters.selectAttribute(value, false, arguments, run)));

  private static final Pattern WORD = Pattern.compile("[-\\s({\\[<]+|[^-\\s({\\[<]+");

  private Filters() {}

  /**
   * The filter of a name.
   *
   * @throws TemplateException if there is none
   */
  public static Filter get(String name) {
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw TemplateException.unsupported("the filter " + name);
    }
    return filter;
  }

  private static String text(Object value, Run run) {
    Markup.refuse(value);
    return Representation.text(value, run.budget);
  }

  private static Object otherwise(Object value, Arguments arguments, Run run) {
    Object other = arguments.take("default_value", "");
    boolean empty = arguments.flag("boolean", false);
    return value instanceof Undefined || (empty && !Values.truth(value)) ? other : value;
  }

  private static Object trim(Object value, Arguments arguments, Run run) {
    return StringMethods.strip(text(value, run), arguments.take("chars", null), true, true);
  }

  private static Object replace(Object value, Arguments arguments, Run run) {
    String old = text(arguments.take("old"), run);
    String by = text(arguments.take("new"), run);
    Object count = arguments.take("count", null);
    long most = count == null ? -1 : Values.integer(count, "replace: count");
    return StringMethods.replaced(text(value, run), old, by, most, run.budget);
  }

  private static String title(String text) {
    StringBuilder titled = new StringBuilder();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      String item = word.group();
      int first = item.offsetByCodePoints(0, 1);
      titled.append(LetterCase.upper(item.substring(0, first)));
      titled.append(LetterCase.lower(item.substring(first)));
    }
    return titled.toString();
  }

  private static Object indent(Object value, Arguments arguments, Run run) {
    String text = Values.string(value, "what is indented");
    Object width = arguments.take("width", 4L);
    boolean first = arguments.flag("first", false);
    boolean blank = arguments.flag("blank", false);
    long spaces = width instanceof String ? 0 : Math.max(0, Values.integer(width, "indent: width"));
    run.budget.charge(spaces);
    String indent = width instanceof String given ? given : " ".repeat((int) spaces);
    // As in Jinja2, so that a last empty line is one.
    var lines = PythonText.lines(text + "\n");
    run.budget.charge(text.length() + (long) lines.size() * indent.length());
    StringBuilder indented = new StringBuilder(first ? indent : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      indented.append(i == 0 ? "" : "\n");
      indented.append(i > 0 && (blank || !line.isEmpty()) ? indent : "").append(line);
    }
    return indented.toString();
  }
}
