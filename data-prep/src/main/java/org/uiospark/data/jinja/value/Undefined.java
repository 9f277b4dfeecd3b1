package org.uiospark.data.jinja.value;

/**
 * What a name or a key without a value gives: empty text, false, an empty list; an error in all
 * else.
 *
 * @param what what is not there, for messages
 */
public record Undefined(String what) {
  /** What is thrown where a value is needed. */
  public TemplateException error() {
    return new TemplateException(what + " is undefined");
  }
}
