package org.uiospark.data.jinja;

import java.util.HashMap;
import java.util.Map;
import org.uiospark.data.jinja.builtin.Globals;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Undefined;

/** Names in a part of a template; what an inner scope sets ends with it. */
final class Scope {
  final Run run;
  private final Scope outer;
  private final Map<String, Object> names = new HashMap<>();

  private Scope(Run run, Scope outer) {
    this.run = run;
    this.outer = outer;
  }

  static Scope outermost(Run run, Map<String, ?> names) {
    Scope scope = new Scope(run, null);
    scope.names.putAll(names);
    return scope;
  }

  Scope inner(Frame frame) {
    Scope inner = new Scope(run, this);
    for (String name : frame.undefined()) {
      inner.set(name, new Undefined("'" + name + "'"));
    }
    return inner;
  }

  void set(String name, Object value) {
    names.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Object value = scope.names.get(name);
      if (value instanceof Withheld withheld) {
        throw new TemplateException(withheld.why());
      }
      if (value != null || scope.names.containsKey(name)) {
        return value;
      }
    }
    Object global = Globals.get(name);
    return global == null ? new Undefined("'" + name + "'") : global;
  }
}
