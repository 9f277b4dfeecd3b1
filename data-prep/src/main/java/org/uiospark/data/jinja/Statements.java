package org.uiospark.data.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.data.jinja.value.Arguments;
import org.uiospark.data.jinja.value.Function;
import org.uiospark.data.jinja.value.Loop;
import org.uiospark.data.jinja.value.Representation;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Undefined;
import org.uiospark.data.jinja.value.Values;

/** The statements of Jinja2. */
final class Statements {
  private Statements() {}

  /** Text between tags. */
  record Data(String text) implements Statement {
    @Override
    public End execute(Scope scope) {
      scope.run.write(text);
      return End.NEXT;
    }
  }

  /** <code>{{ value }}</code>. */
  record Output(Expression value, int line) implements Statement {
    @Override
    public End execute(Scope scope) {
      scope.run.write(Representation.text(value.value(scope), scope.run.budget));
      return End.NEXT;
    }
  }

  /** {@code if}, with its {@code elif}s as branches and its {@code else} as the last. */
  record If(List<Expression> tests, List<List<Statement>> branches, List<Statement> otherwise)
      implements Statement {
    @Override
    public End execute(Scope scope) {
      for (int i = 0; i < tests.size(); i++) {
        if (Values.truth(tests.get(i).value(scope))) {
          return Statement.all(branches.get(i), scope);
        }
      }
      return Statement.all(otherwise, scope);
    }
  }

  /** {@code for}; the test may be {@code null}. */
  record For(
      Target target,
      Expression iterable,
      Expression test,
      Frame testFrame,
      List<Statement> body,
      Frame frame,
      List<Statement> otherwise,
      Frame otherwiseFrame)
      implements Statement {
    @Override
    public End execute(Scope scope) {
      List<Object> items = items(scope);
      Loop loop = new Loop(items);
      boolean finished = false;
      for (Object item : items) {
        // Nothing else is counted for an empty body.
        scope.run.budget.step();
        Scope inner = scope.inner(frame);
        loop.next();
        inner.set("loop", loop);
        target.assign(item, inner);
        int start = scope.run.position();
        End end = Statement.all(body, inner);
        scope.run.wrote(item, start);
        if (end == End.BREAK) {
          break;
        }
        // As in Jinja2: an iteration that is left early does not count.
        finished |= end == End.NEXT;
      }
      return finished ? End.NEXT : Statement.all(otherwise, scope.inner(otherwiseFrame));
    }

    private List<Object> items(Scope scope) {
      List<Object> all = Values.list(iterable.value(scope), scope.run.budget);
      if (test == null) {
        return all;
      }
      List<Object> kept = new ArrayList<>();
      for (Object item : all) {
        scope.run.budget.step();
        Scope inner = scope.inner(testFrame);
        target.assign(item, inner);
        if (Values.truth(test.value(inner))) {
          kept.add(item);
        }
      }
      return kept;
    }
  }

  /** {@code break} and {@code continue}. */
  record Leave(End end) implements Statement {
    @Override
    public End execute(Scope scope) {
      return end;
    }
  }

  /** {@code set target = value}. */
  record Set(Target target, Expression value) implements Statement {
    @Override
    public End execute(Scope scope) {
      target.assign(value.value(scope), scope);
      return End.NEXT;
    }
  }

  /** {@code set target}, a body and {@code endset}; the filter takes what the body writes. */
  record SetBlock(Target target, Expression filtered) implements Statement {
    @Override
    public End execute(Scope scope) {
      target.assign(filtered.value(scope), scope);
      return End.NEXT;
    }
  }

  /** What statements write, as a value. */
  record Captured(List<Statement> body, Frame frame) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.run.captured(() -> Statement.all(body, scope.inner(frame)));
    }
  }

  /** {@code with name = value}. */
  record With(List<Target> targets, List<Expression> values, List<Statement> body, Frame frame)
      implements Statement {
    @Override
    public End execute(Scope scope) {
      Scope inner = scope.inner(frame);
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(values.get(i).value(scope), inner);
      }
      return Statement.all(body, inner);
    }
  }

  /** {@code generation}: what the assistant is to learn. */
  record Generation(List<Statement> body, Frame frame, int line) implements Statement {
    @Override
    public End execute(Scope scope) {
      if (!scope.run.writesText()) {
        // HuggingFace would tell a wrong place.
        throw TemplateException.unsupported("generation in a macro or a set block").at(line);
      }
      int start = scope.run.position();
      Statement.all(body, scope.inner(frame));
      scope.run.generated(start);
      return End.NEXT;
    }
  }

  /** {@code macro}; its last parameters have defaults. */
  record Macro(
      String name,
      List<String> parameters,
      List<Expression> defaults,
      List<Statement> body,
      Frame frame)
      implements Statement {
    @Override
    public End execute(Scope scope) {
      scope.set(name, (Function) (arguments, run) -> call(arguments, scope));
      return End.NEXT;
    }

    private Object call(Arguments arguments, Scope scope) {
      Scope inner = scope.inner(frame);
      Map<String, Expression> absent = new LinkedHashMap<>();
      for (int i = 0; i < parameters.size(); i++) {
        String parameter = parameters.get(i);
        int at = i - (parameters.size() - defaults.size());
        boolean given = arguments.has(parameter);
        inner.set(
            parameter,
            given
                ? arguments.take(parameter)
                : new Undefined("parameter '" + parameter + "' of macro " + name));
        if (!given && at >= 0) {
          absent.put(parameter, defaults.get(at));
        }
      }
      arguments.end();
      scope.run.budget.enter(name);
      absent.forEach((parameter, value) -> inner.set(parameter, value.value(inner)));
      String text = scope.run.captured(() -> Statement.all(body, inner));
      scope.run.budget.leave();
      return text;
    }
  }
}
