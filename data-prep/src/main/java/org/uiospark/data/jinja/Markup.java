package org.uiospark.data.jinja;

/**
 * What the filter {@code safe} gives. Its text is written as it is; joined to another text it would
 * escape that, so all else is refused.
 */
record Markup(String text) {
  static void refuse(Object value) {
    if (value instanceof Markup) {
      throw TemplateException.unsupported("an operation on what 'safe' gives");
    }
  }
}
