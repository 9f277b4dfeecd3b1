package org.uiospark.data.jinja.value;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arguments of a call, taken in the order in which the callee names them. */
public final class Arguments {
  private final String callee;
  private final List<Object> positional;
  private final Map<String, Object> named;
  private int next;

  /**
   * The arguments of one call.
   *
   * @param callee the name of what is called, for messages
   */
  public Arguments(String callee, List<Object> positional, Map<String, Object> named) {
    this.callee = callee;
    this.positional = positional;
    this.named = new LinkedHashMap<>(named);
  }

  /** The name of what is called. */
  public String callee() {
    return callee;
  }

  /** Whether the argument that is asked for next under a name is given. */
  public boolean has(String name) {
    return next < positional.size() || named.containsKey(name);
  }

  /** The next argument, which must be there. */
  public Object take(String name) {
    if (!has(name)) {
      throw new TemplateException(callee + " needs the argument " + name);
    }
    return take(name, null);
  }

  /** The next argument, or another value where it is not given. */
  public Object take(String name, Object absent) {
    if (next < positional.size()) {
      if (named.containsKey(name)) {
        throw new TemplateException(callee + " got two values for " + name);
      }
      return positional.get(next++);
    }
    return named.containsKey(name) ? named.remove(name) : absent;
  }

  /** The next argument, which must be a string. */
  public String text(String name) {
    return Values.string(take(name), callee + ": " + name);
  }

  /** The truth of the next argument, or another value where it is not given. */
  public boolean flag(String name, boolean absent) {
    return Values.truth(take(name, absent));
  }

  /** All that is given by name. */
  public Map<String, Object> named() {
    Map<String, Object> all = new LinkedHashMap<>(named);
    named.clear();
    return all;
  }

  /** All that is left of those without names. */
  public List<Object> rest() {
    List<Object> rest = positional.subList(next, positional.size());
    next = positional.size();
    return rest;
  }

  /** Checks that nothing is left. */
  public void end() {
    if (next < positional.size() || !named.isEmpty()) {
      throw new TemplateException(
          callee
              + " does not take "
              + (named.isEmpty() ? "so many arguments" : "the argument " + named.keySet()));
    }
  }
}
