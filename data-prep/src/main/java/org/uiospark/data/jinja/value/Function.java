package org.uiospark.data.jinja.value;

/** What a template can call. */
@FunctionalInterface
public interface Function {
  Object call(Arguments arguments, Run run);
}
