package org.uiospark.data.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** Expressions: operands and what stands between them, with the precedence of Jinja2. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final OperandParser operands;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.operands = new OperandParser(tokens, this);
  }

  /** The parser of its operands. */
  OperandParser operands() {
    return operands;
  }

  /** An expression, or a tuple without parentheses. */
  Expression tuple() {
    return tuple(this::expression, "");
  }

  /** The same without {@code if} and {@code else}, up to a name. */
  Expression unconditional(String endName) {
    return tuple(this::or, endName);
  }

  private Expression tuple(Supplier<Expression> item, String endName) {
    List<Expression> items = new ArrayList<>();
    boolean several = false;
    while (true) {
      if (!items.isEmpty()) {
        tokens.expect(",");
      }
      if (tokens.is("variable_end")
          || tokens.is("block_end")
          || tokens.is(")")
          || tokens.isName(endName)) {
        break;
      }
      items.add(item.get());
      if (!tokens.is(",")) {
        break;
      }
      several = true;
    }
    if (several) {
      return new Expressions.Items(items, true);
    }
    if (items.isEmpty()) {
      throw tokens.error("expected an expression, got " + tokens.current());
    }
    return items.get(0);
  }

  /** One expression. */
  Expression expression() {
    tokens.enter();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression test = or();
      Expression otherwise =
          tokens.skipName("else")
              ? expression()
              : scope -> new Undefined("the value of an if without else");
      value = new Expressions.Conditional(test, value, otherwise);
    }
    tokens.leave();
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.skipName("or")) {
      left = new Expressions.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.skipName("and")) {
      left = new Expressions.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) {
      return comparison();
    }
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return scope -> !Values.truth(operand.value(scope));
  }

  private Expression comparison() {
    Expression left = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    while (true) {
      if (COMPARISONS.contains(tokens.current().type())) {
        operators.add(tokens.next().type());
      } else if (tokens.skipName("in")) {
        operators.add("in");
      } else if (tokens.isName("not") && tokens.look().isName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        break;
      }
      operands.add(sum());
    }
    return operators.isEmpty() ? left : new Expressions.Comparison(left, operators, operands);
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.is("+") || tokens.is("-")) {
      left = new Expressions.Operation(tokens.next(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    List<Expression> parts = new ArrayList<>(List.of(product()));
    while (tokens.skip("~")) {
      parts.add(product());
    }
    return parts.size() == 1 ? parts.get(0) : new Expressions.Concatenation(parts);
  }

  private Expression product() {
    Expression left = power();
    while (tokens.is("*") || tokens.is("/") || tokens.is("//") || tokens.is("%")) {
      left = new Expressions.Operation(tokens.next(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = operands.filtered();
    while (tokens.is("**")) {
      left = new Expressions.Operation(tokens.next(), left, operands.filtered());
    }
    return left;
  }
}
