package org.uiospark.data.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.uiospark.data.jinja.Expressions.Call;
import org.uiospark.data.jinja.builtin.Filters;
import org.uiospark.data.jinja.builtin.Tests;
import org.uiospark.data.jinja.value.Arithmetic;
import org.uiospark.data.jinja.value.TemplateException;

/** Operands of expressions: literals and names, with what follows them up to an operator. */
final class OperandParser {
  private static final Set<String> ARGUMENTS = Set.of("name", "string", "number", "(", "[", "{");

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  /**
   * @param expressions parses what stands within brackets
   */
  OperandParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** An operand with its signs, and the filters and tests that follow it. */
  Expression filtered() {
    return filtered(signed());
  }

  private Expression signed() {
    Expression value;
    if (tokens.is("-") || tokens.is("+")) {
      boolean minus = tokens.next().is("-");
      tokens.enter();
      Expression operand = signed();
      tokens.leave();
      value =
          scope ->
              minus
                  ? Arithmetic.negated(operand.value(scope))
                  : Arithmetic.positive(operand.value(scope));
    } else {
      value = primary();
    }
    return postfix(value, "a value");
  }

  private Expression primary() {
    Token token = tokens.current();
    switch (token.type()) {
      case "name" -> {
        tokens.next();
        return name((String) token.value());
      }
      case "string" -> {
        StringBuilder text = new StringBuilder();
        while (tokens.is("string")) {
          text.append(tokens.next().value());
        }
        String value = text.toString();
        return scope -> value;
      }
      case "number" -> {
        tokens.next();
        return scope -> token.value();
      }
      case "(" -> {
        return parenthesised();
      }
      case "[" -> {
        return list();
      }
      case "{" -> {
        return dict();
      }
      default -> throw tokens.error("unexpected " + token);
    }
  }

  private Expression name(String name) {
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> null;
      case "varargs", "kwargs", "self" ->
          throw TemplateException.unsupported("the name " + name).at(tokens.line());
      default -> {
        tokens.frame().read(name);
        yield new Expressions.Name(name);
      }
    };
  }

  private Expression parenthesised() {
    tokens.next();
    if (tokens.skip(")")) {
      return new Expressions.Items(List.of(), true);
    }
    Expression value = expressions.tuple();
    tokens.expect(")");
    return value;
  }

  private Expression list() {
    List<Expression> items = new ArrayList<>();
    tokens.next();
    while (!tokens.is("]")) {
      items.add(expressions.expression());
      if (!tokens.is("]")) {
        tokens.expect(",");
      }
    }
    tokens.next();
    return new Expressions.Items(items, false);
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    tokens.next();
    while (!tokens.is("}")) {
      keys.add(expressions.expression());
      tokens.expect(":");
      values.add(expressions.expression());
      if (!tokens.is("}")) {
        tokens.expect(",");
      }
    }
    tokens.next();
    return new Expressions.Dict(keys, values);
  }

  /** Attributes, items and calls. */
  private Expression postfix(Expression operand, String operandName) {
    Expression value = operand;
    String name = operand instanceof Expressions.Name named ? named.name() : operandName;
    while (true) {
      if (tokens.skip(".")) {
        Token token = tokens.next();
        if (token.is("name")) {
          name = (String) token.value();
          value = new Expressions.Attribute(value, name);
        } else if (token.is("number") && token.value() instanceof Long) {
          value = new Expressions.Item(value, scope -> token.value());
        } else {
          throw tokens.error("expected a name or number, got " + token);
        }
      } else if (tokens.skip("[")) {
        value = subscript(value);
      } else if (tokens.is("(")) {
        value = call(value, name);
      } else {
        return value;
      }
    }
  }

  private Expression call(Expression function, String name) {
    int line = tokens.line();
    return new Expressions.Calling(function, arguments(), name, line);
  }

  private Expression subscript(Expression of) {
    Expression first = tokens.is(":") ? null : expressions.expression();
    if (!tokens.skip(":")) {
      if (tokens.is(",")) {
        throw TemplateException.unsupported("an index of several values").at(tokens.line());
      }
      tokens.expect("]");
      return new Expressions.Item(of, first);
    }
    Expression second = tokens.is(":") || tokens.is("]") ? null : expressions.expression();
    Expression step = null;
    if (tokens.skip(":") && !tokens.is("]")) {
      step = expressions.expression();
    }
    tokens.expect("]");
    return new Expressions.Slice(of, first, second, step);
  }

  private Expression filtered(Expression operand) {
    Expression value = operand;
    while (true) {
      if (tokens.is("|")) {
        value = filter(value);
      } else if (tokens.isName("is")) {
        value = test(value);
      } else if (tokens.is("(")) {
        value = call(value, "a value");
      } else {
        return value;
      }
    }
  }

  /** The filters that follow an operand, which may be none. */
  Expression filter(Expression operand) {
    Expression value = operand;
    while (tokens.skip("|")) {
      value = namedFilter(value);
    }
    return value;
  }

  /** A filter whose name comes next. */
  Expression namedFilter(Expression operand) {
    int line = tokens.line();
    String name = tokens.expectName();
    try {
      Filters.Filter filter = Filters.get(name);
      Call call = tokens.is("(") ? arguments() : new Call(List.of(), Map.of());
      return new Expressions.Filtered(operand, filter, name, call);
    } catch (TemplateException e) {
      throw e.at(line);
    }
  }

  private Expression test(Expression operand) {
    int line = tokens.next().line();
    boolean negated = tokens.skipName("not");
    String name = tokens.expectName();
    Call call = new Call(List.of(), Map.of());
    if (tokens.is("(")) {
      call = arguments();
    } else if (ARGUMENTS.contains(tokens.current().type())
        && !tokens.isName("else")
        && !tokens.isName("or")
        && !tokens.isName("and")) {
      if (tokens.isName("is")) {
        throw tokens.error("tests cannot be chained with 'is'");
      }
      call = new Call(List.of(postfix(primary(), "a value")), Map.of());
    }
    try {
      Expression test = new Expressions.Tested(operand, Tests.get(name), name, call);
      return negated ? scope -> !(Boolean) test.value(scope) : test;
    } catch (TemplateException e) {
      throw e.at(line);
    }
  }

  private Call arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.is(")")) {
      if (tokens.is("*") || tokens.is("**")) {
        throw TemplateException.unsupported("* before an argument").at(tokens.line());
      }
      if (tokens.is("name") && tokens.look().is("=")) {
        String name = tokens.expectName();
        tokens.next();
        if (named.put(name, expressions.expression()) != null) {
          throw tokens.error("the argument " + name + " twice");
        }
      } else if (named.isEmpty()) {
        positional.add(expressions.expression());
      } else {
        throw tokens.error("an argument without a name behind one with a name");
      }
      if (!tokens.is(")")) {
        tokens.expect(",");
      }
    }
    tokens.next();
    return new Call(positional, named);
  }
}
