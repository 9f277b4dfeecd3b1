package org.uiospark.jobs.recall;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a fact is told, and how it is asked for. Names in braces stand for what is drawn.
 *
 * @param said the sentence that is hidden
 * @param asked question and answer; the last name is the answer
 */
record Wording(String said, String asked) {
  private static final Pattern NAME = Pattern.compile("\\{(\\w)}");

  /** A wording with what its names stand for. */
  static String filled(String wording, Map<String, String> names) {
    return NAME.matcher(wording)
        .replaceAll(name -> Matcher.quoteReplacement(names.get(name.group(1))));
  }

  String said(Map<String, String> names) {
    return filled(said, names);
  }

  /** The question, with all that stands before its answer. */
  String question(Map<String, String> names) {
    return question(asked, names);
  }

  static String question(String asked, Map<String, String> names) {
    return filled(asked.substring(0, asked.lastIndexOf('{')), names).stripTrailing();
  }

  /** The name that the answer stands for. */
  String answer() {
    int at = asked.lastIndexOf('{');
    return asked.substring(at + 1, at + 2);
  }
}
