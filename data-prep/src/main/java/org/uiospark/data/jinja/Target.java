package org.uiospark.data.jinja;

import java.util.List;
import org.uiospark.data.jinja.value.Namespace;
import org.uiospark.data.jinja.value.TemplateException;
import org.uiospark.data.jinja.value.Values;

/** What a value is assigned to. */
interface Target {
  void assign(Object value, Scope scope);

  /** The variables that it sets. */
  List<String> names();

  /** A variable. */
  record Name(String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      scope.set(name, value);
    }

    @Override
    public List<String> names() {
      return List.of(name);
    }
  }

  /** An attribute of a namespace. */
  record Attribute(String namespace, String name) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      if (!(scope.get(namespace) instanceof Namespace)) {
        throw new TemplateException(
            "cannot assign attribute on non-namespace object '" + namespace + "'");
      }
      ((Namespace) scope.get(namespace)).attributes().put(name, value);
    }

    @Override
    public List<String> names() {
      return List.of();
    }
  }

  /** Several at once. */
  record Several(List<Target> targets) implements Target {
    @Override
    public void assign(Object value, Scope scope) {
      List<Object> values = Values.list(value, scope.run.budget);
      if (values.size() != targets.size()) {
        throw new TemplateException(
            "cannot unpack " + values.size() + " values into " + targets.size() + " names");
      }
      for (int i = 0; i < targets.size(); i++) {
        targets.get(i).assign(values.get(i), scope);
      }
    }

    @Override
    public List<String> names() {
      return targets.stream().flatMap(target -> target.names().stream()).toList();
    }
  }
}
