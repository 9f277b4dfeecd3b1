package org.uiospark.jobs.recall;

import java.util.List;

/**
 * What is hidden in a text, and what is asked of it.
 *
 * @param threads sentences that are hidden; those of a thread stand in this order
 * @param asked the sentence of the first thread that lies at the depth of the case
 * @param question with all that stands before its answer
 * @param answer to it
 */
record Puzzle(List<List<String>> threads, int asked, String question, RecallAnswer answer) {
  static Puzzle of(List<List<String>> threads, int asked, String question, List<String> answers) {
    return new Puzzle(threads, asked, question, new RecallAnswer(answers));
  }
}
