package org.uiospark.data.jinja;

/** What a template can call. */
@FunctionalInterface
interface Function {
  Object call(Arguments arguments, Run run);
}
