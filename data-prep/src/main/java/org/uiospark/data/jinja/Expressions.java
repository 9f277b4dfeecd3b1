package org.uiospark.data.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.data.jinja.builtin.Attributes;
import org.uiospark.data.jinja.builtin.Filters;
import org.uiospark.data.jinja.builtin.Tests;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Arithmetic;
import org.uiospark.data.jinja.value.Comparisons;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Tuple;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** The expressions of Jinja2 that are more than one operation. */
final class Expressions {
  private Expressions() {}

  /** A name. */
  record Name(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** {@code of.name}. */
  record Attribute(Expression of, String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Attributes.attribute(of.value(scope), name);
    }
  }

  /** {@code of[index]}. */
  record Item(Expression of, Expression index) implements Expression {
    @Override
    public Object value(Scope scope) {
      return Attributes.item(of.value(scope), index.value(scope));
    }
  }

  /** {@code of[from:to:step]}; each but the first may be {@code null}. */
  record Slice(Expression of, Expression from, Expression to, Expression step)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      return Attributes.slice(
          of.value(scope),
          bound(from, scope),
          bound(to, scope),
          bound(step, scope),
          scope.run.budget);
    }

    private static Long bound(Expression bound, Scope scope) {
      Object value = bound == null ? null : bound.value(scope);
      return value == null ? null : Long.valueOf(Values.integer(value, "a bound of a slice"));
    }
  }

  /** {@code [...]}, or a tuple. */
  record Items(List<Expression> items, boolean tuple) implements Expression {
    @Override
    public Object value(Scope scope) {
      List<Object> values = values(items, scope);
      return tuple ? new Tuple(values) : values;
    }
  }

  /** <code>{...}</code>. */
  record Dict(List<Expression> keys, List<Expression> values) implements Expression {
    @Override
    public Object value(Scope scope) {
      Map<String, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        if (!(keys.get(i).value(scope) instanceof String key)) {
          throw TemplateException.unsupported("a dict with a key that is no string");
        }
        dict.put(key, values.get(i).value(scope));
      }
      return dict;
    }
  }

  /** {@code then if test else otherwise}. */
  record Conditional(Expression test, Expression then, Expression otherwise) implements Expression {
    @Override
    public Object value(Scope scope) {
      return (Values.truth(test.value(scope)) ? then : otherwise).value(scope);
    }
  }

  /** {@code left or right}: one of the two. */
  record Or(Expression left, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = left.value(scope);
      return Values.truth(value) ? value : right.value(scope);
    }
  }

  /** {@code left and right}: one of the two. */
  record And(Expression left, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = left.value(scope);
      return Values.truth(value) ? right.value(scope) : value;
    }
  }

  /** {@code left + right}, and the other operators of {@link Arithmetic}. */
  record Operation(Token operator, Expression left, Expression right) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object first = left.value(scope);
      Object second = right.value(scope);
      try {
        return Arithmetic.binary(operator.type(), first, second, scope.run.budget);
      } catch (TemplateException e) {
        throw e.at(operator.line());
      }
    }
  }

  /** {@code left == right < ...}. */
  record Comparison(Expression left, List<String> operators, List<Expression> operands)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      Object before = left.value(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object operand = operands.get(i).value(scope);
        if (!Comparisons.holds(operators.get(i), before, operand, scope.run.budget)) {
          return false;
        }
        before = operand;
      }
      return true;
    }
  }

  /** {@code a ~ b ~ ...}. */
  record Concatenation(List<Expression> parts) implements Expression {
    @Override
    public Object value(Scope scope) {
      StringBuilder text = new StringBuilder();
      for (Object part : values(parts, scope)) {
        String piece = Representation.text(part, scope.run.budget);
        scope.run.budget.charge((long) text.length() + piece.length());
        text.append(piece);
      }
      return text.toString();
    }
  }

  /** Arguments of a call, a filter or a test. */
  record Call(List<Expression> positional, Map<String, Expression> named) {
    Arguments arguments(String callee, Scope scope) {
      Map<String, Object> values = new LinkedHashMap<>();
      List<Object> unnamed = values(positional, scope);
      named.forEach((name, value) -> values.put(name, value.value(scope)));
      return new Arguments(callee, unnamed, values);
    }
  }

  /** {@code function(...)}. */
  record Calling(Expression function, Call call, String name, int line) implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.run.budget.step();
      Object callee = function.value(scope);
      if (callee instanceof Undefined undefined) {
        throw undefined.error().at(line);
      }
      if (!(callee instanceof Function)) {
        throw new TemplateException(Representation.type(callee) + " " + name + " cannot be called")
            .at(line);
      }
      return ((Function) callee).call(call.arguments(name, scope), scope.run);
    }
  }

  /** {@code operand | name(...)}. */
  record Filtered(Expression operand, Filters.Filter filter, String name, Call call)
      implements Expression {
    @Override
    public Object value(Scope scope) {
      scope.run.budget.step();
      Object value = operand.value(scope);
      Arguments arguments = call.arguments("filter " + name, scope);
      Object result = filter.apply(value, arguments, scope.run);
      arguments.end();
      return result;
    }
  }

  /** {@code operand is name(...)}. */
  record Tested(Expression operand, Tests.Test test, String name, Call call) implements Expression {
    @Override
    public Object value(Scope scope) {
      Object value = operand.value(scope);
      Arguments arguments = call.arguments("test " + name, scope);
      boolean holds = test.holds(value, arguments, scope.run);
      arguments.end();
      return holds;
    }
  }

  static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(expression.value(scope));
    }
    return values;
  }
}
