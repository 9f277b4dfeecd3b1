package org.uiospark.data.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import org.uiospark.data.jinja.value.Rendered;
import org.uiospark.data.jinja.value.Run;
import org.uiospark.data.jinja.value.TemplateException;

/**
 * A chat template. It has bounds in size, work and output: it is a program from outside.
 *
 * <p>Safe for use by several threads.
 */
public final class Template {
  private final List<Statement> statements;
  private final Frame frame;

  Template(List<Statement> statements, Frame frame) {
    this.statements = statements;
    this.frame = frame;
  }

  /**
   * Reads a template.
   *
   * @throws TemplateException if it is none, or uses what is not supported
   */
  public static Template parse(String source) {
    try {
      return Parser.parse(source);
    } catch (StackOverflowError e) {
      throw new TemplateException("it nests too deeply");
    }
  }

  /**
   * Renders a conversation.
   *
   * @param messages the list under the name {@code messages}, whose elements are told apart by
   *     identity
   * @param names the other names; values as in {@link org.uiospark.data.jinja}
   * @param now the time for {@code strftime_now}
   * @throws TemplateException if the template refuses it, does what is not supported, or exceeds
   *     its bounds
   */
  public Rendered render(List<?> messages, Map<String, ?> names, LocalDateTime now) {
    Run run = new Run(messages, now);
    Scope outermost = Scope.outermost(run, names);
    outermost.set("messages", messages);
    try {
      Statement.all(statements, outermost.inner(frame));
      return run.rendered();
    } catch (StackOverflowError e) {
      throw new TemplateException("it nests too deeply");
    }
  }
}
