package org.uiospark.data.jinja;

import java.util.List;

/** A part of a template that is executed. */
@FunctionalInterface
interface Statement {
  /** How a statement ends. */
  enum End {
    NEXT,
    BREAK,
    CONTINUE
  }

  End execute(Scope scope);

  /** Executes one after the other, until one leaves its loop. */
  static End all(List<Statement> statements, Scope scope) {
    for (Statement statement : statements) {
      scope.run.budget.step();
      End end = statement.execute(scope);
      if (end != End.NEXT) {
        return end;
      }
    }
    return End.NEXT;
  }
}
