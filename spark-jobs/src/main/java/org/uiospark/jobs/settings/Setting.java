package org.uiospark.jobs.settings;

import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/**
 * A key of {@code conf/uio.conf} and what the file states of it.
 *
 * @param key such as {@code train.steps}
 * @param comment what it means
 * @param allowed what it may be
 * @param defaults the default, or each of a list; none where there is no default
 */
public record Setting(String key, String comment, Allowed allowed, List<String> defaults) {
  /** The option that sets it, such as {@code --steps}. */
  public String option() {
    return "--" + key.substring(key.indexOf('.') + 1);
  }

  /** What stands for a value behind that option. */
  public String label() {
    return allowed.kind().label();
  }

  /** Whether it is a list that the option takes with commas between the values. */
  public boolean hasCommasBetween() {
    return allowed.count() == Allowed.Count.COMMAS_BETWEEN;
  }

  /** Whether it is a list that the option takes as words one after the other. */
  public boolean isOneAfterTheOther() {
    return allowed.count() == Allowed.Count.ONE_AFTER_THE_OTHER;
  }

  /** What it means, what it may be and its default. */
  public String help() {
    String standard = "default " + String.join(",", defaults);
    if (defaults.isEmpty()) {
      standard = allowed.otherwise() == Allowed.Otherwise.NONE ? "default none" : "required";
    }
    return String.format(Locale.ROOT, "%s [%s; %s]", comment, allowed.words(), standard);
  }

  /**
   * The value in Java.
   *
   * @throws InvalidInputException if it is not allowed, or a text that has to be given is empty
   */
  Object read(String written) {
    if (written.isEmpty() && allowed.kind().isText()) {
      if (allowed.otherwise() == Allowed.Otherwise.NONE) {
        return written;
      }
      throw absence();
    }
    return allowed.kind().read(written).orElseThrow(() -> refusal(written));
  }

  /** The same for each value of a list. */
  List<Object> readEach(List<String> written) {
    boolean none = written.isEmpty() && allowed.otherwise() != Allowed.Otherwise.NONE;
    if (none || allowed.kind().isText() && written.stream().anyMatch(String::isBlank)) {
      throw absence();
    }
    return written.stream().map(this::read).toList();
  }

  /** What is said of a value that is not allowed. */
  InvalidInputException refusal(Object value) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s = %s %s", key, value, allowed.refusal(value)));
  }

  /** What is said where a value has to be given. */
  InvalidInputException absence() {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "%s needs %s; give the option, or %s in the --conf file",
            key.substring(0, key.indexOf('.')),
            option(),
            key));
  }
}
