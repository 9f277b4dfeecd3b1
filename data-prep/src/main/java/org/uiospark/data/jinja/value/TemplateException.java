package org.uiospark.data.jinja.value;

/** A template that is none, that does what is not supported, or that refused its input. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong, in one line that names the construct. */
  public TemplateException(String message) {
    super(message);
  }

  /** A construct of Jinja2 or Python that is known and not supported. */
  public static TemplateException unsupported(String construct) {
    return new TemplateException(construct + " is not supported in a chat template");
  }

  /** The same, with the line. */
  public TemplateException at(int line) {
    return new TemplateException("line " + line + ": " + getMessage());
  }
}
