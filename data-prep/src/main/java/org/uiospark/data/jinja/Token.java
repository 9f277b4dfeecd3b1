package org.uiospark.data.jinja;

/**
 * A token of a template.
 *
 * @param type {@code data}, {@code variable_begin}, {@code variable_end}, {@code block_begin},
 *     {@code block_end}, {@code name}, {@code string}, {@code number}, {@code eof}, or the sign of
 *     an operator
 * @param value the text, or the number
 * @param line from 1
 */
record Token(String type, Object value, int line) {
  boolean is(String wanted) {
    return type.equals(wanted);
  }

  boolean isName(String name) {
    return is("name") && value.equals(name);
  }

  @Override
  public String toString() {
    return is("eof") ? "the end of the template" : "'" + value + "'";
  }
}
