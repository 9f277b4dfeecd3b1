package org.uiospark.data.jinja.value;

/**
 * What the filter {@code safe} gives. Its text is written as it is; joined to another text it would
 * escape that, so all else is refused.
 */
public record Markup(String text) {
  /**
   * Lets pass every value but markup.
   *
   * @throws TemplateException if the value is markup
   */
  public static void refuse(Object value) {
    if (value instanceof Markup) {
      throw TemplateException.unsupported("an operation on what 'safe' gives");
    }
  }
}
