package org.uiospark.data.jinja.builtin;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Arithmetic;
import org.uiospark.data.jinja.value.Comparisons;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.Loop;
import org.uiospark.data.jinja.value.Markup;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** What stands behind {@code is}. */
public final class Tests {
  /** Whether a value is something. */
  @FunctionalInterface
  public interface Test {
    boolean holds(Object value, Arguments arguments, Run run);
  }

  private static final Map<String, Test> TESTS =
      Map.ofEntries(
          Map.entry("boolean", (value, arguments, run) -> value instanceof Boolean),
          Map.entry("callable", (value, arguments, run) -> isCallable(value)),
          Map.entry("defined", (value, arguments, run) -> !(value instanceof Undefined)),
          Map.entry("undefined", (value, arguments, run) -> value instanceof Undefined),
          Map.entry("none", (value, arguments, run) -> value == null),
          Map.entry("true", (value, arguments, run) -> Boolean.TRUE.equals(value)),
          Map.entry("false", (value, arguments, run) -> Boolean.FALSE.equals(value)),
          Map.entry("integer", (value, arguments, run) -> value instanceof Long),
          Map.entry("float", (value, arguments, run) -> value instanceof Double),
          Map.entry("number", (value, arguments, run) -> Values.isNumber(value)),
          Map.entry(
              "string",
              (value, arguments, run) -> value instanceof String || value instanceof Markup),
          Map.entry("mapping", (value, arguments, run) -> value instanceof Map),
          Map.entry("sequence", (value, arguments, run) -> isSequence(value)),
          Map.entry(
              "iterable",
              (value, arguments, run) ->
                  isSequence(value) || Values.isIterable(value) || value instanceof Loop),
          Map.entry("lower", (value, arguments, run) -> LetterCase.isLower(text(value, run))),
          Map.entry("upper", (value, arguments, run) -> LetterCase.isUpper(text(value, run))),
          Map.entry("odd", (value, arguments, run) -> remainder(value, 2L, run) == 1),
          Map.entry("even", (value, arguments, run) -> remainder(value, 2L, run) == 0),
          Map.entry("divisibleby", Tests::isDivisible),
          Map.entry("sameas", Tests::isSame),
          Map.entry("in", (value, arguments, run) -> compares("in", value, arguments, run)));

  private static final Map<String, String> COMPARISONS =
      Map.ofEntries(
          Map.entry("eq", "=="),
          Map.entry("equalto", "=="),
          Map.entry("==", "=="),
          Map.entry("ne", "!="),
          Map.entry("!=", "!="),
          Map.entry("lt", "<"),
          Map.entry("lessthan", "<"),
          Map.entry("<", "<"),
          Map.entry("le", "<="),
          Map.entry("<=", "<="),
          Map.entry("gt", ">"),
          Map.entry("greaterthan", ">"),
          Map.entry(">", ">"),
          Map.entry("ge", ">="),
          Map.entry(">=", ">="));

  private static final Set<String> SAME = Set.of("Boolean", "Undefined");

  private Tests() {}

  /**
   * The test of a name.
   *
   * @throws TemplateException if there is none
   */
  public static Test get(String name) {
    if (COMPARISONS.containsKey(name)) {
      String operator = COMPARISONS.get(name);
      return (value, arguments, run) -> compares(operator, value, arguments, run);
    }
    Test test = TESTS.get(name);
    if (test == null) {
      throw TemplateException.unsupported("the test " + name);
    }
    return test;
  }

  private static boolean compares(String operator, Object value, Arguments arguments, Run run) {
    return Comparisons.holds(operator, value, arguments.take("the other"), run.budget);
  }

  /** To Python an undefined value is one, which fails when it is called. */
  private static boolean isCallable(Object value) {
    return value instanceof Function || value instanceof Undefined || value instanceof Loop;
  }

  private static boolean isSequence(Object value) {
    return value instanceof String
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Map
        || value instanceof Markup
        || value instanceof Undefined;
  }

  private static String text(Object value, Run run) {
    return Representation.text(value, run.budget);
  }

  private static long remainder(Object value, Object divisor, Run run) {
    return Values.integer(Arithmetic.binary("%", value, divisor, run.budget), "a remainder");
  }

  private static boolean isDivisible(Object value, Arguments arguments, Run run) {
    return remainder(value, arguments.take("num"), run) == 0;
  }

  private static boolean isSame(Object value, Arguments arguments, Run run) {
    Object other = arguments.take("other");
    for (Object each : new Object[] {value, other}) {
      if (each == null || SAME.contains(each.getClass().getSimpleName())) {
        return each == null ? value == other : value.equals(other);
      }
    }
    throw TemplateException.unsupported("the test sameas of " + Representation.type(value));
  }
}
