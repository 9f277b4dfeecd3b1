package org.uiospark.jobs.evaluate;

import java.util.List;
import org.uiospark.jobs.recall.RecallBooks;
import org.uiospark.jobs.recall.RecallTask;
import org.uiospark.jobs.settings.Settings;

/**
 * Cases of {@code evaluate --suite recall}.
 *
 * @param tasks what is hidden
 * @param lengths tokens of text, question and answer
 * @param depths where it lies in the text: 0 at its start, 1 at its end
 * @param cases of each task, length and depth
 * @param books to hide it in
 */
public record RecallGrid(
    List<RecallTask> tasks,
    List<Integer> lengths,
    List<Double> depths,
    int cases,
    RecallBooks books) {
  static RecallGrid of(Settings settings) {
    return new RecallGrid(
        settings.names("evaluate.recall-tasks").stream().map(RecallTask::named).toList(),
        settings.integers("evaluate.recall-lengths"),
        settings.numbers("evaluate.recall-depths"),
        settings.integer("evaluate.recall-cases"),
        RecallBooks.of(settings, "evaluate.recall-books"));
  }
}
