package org.uiospark.data.jinja.value;

/** What a template can call. */
@FunctionalInterface
public interface Function {
  /** Calls it; a value of the template comes back. */
  Object call(Arguments arguments, Run run);
}
