package org.uiospark.jobs.recall;

import java.util.List;
import org.uiospark.jobs.settings.Settings;

/**
 * What the command {@code recall} writes.
 *
 * @param model directory of the base model, whose tokenizer counts
 * @param output URI of a JSONL file
 * @param split whose words the cases have
 * @param tasks of which each case has one
 * @param lengths of which each case has one, in tokens
 * @param depths of which each case has one; none: any from 0 to 1
 * @param cases how many there are
 * @param books to hide things in
 * @param seed of all that is drawn
 */
public record RecallSettings(
    String model,
    String output,
    Split split,
    List<RecallTask> tasks,
    List<Integer> lengths,
    List<Double> depths,
    int cases,
    RecallBooks books,
    long seed) {
  /** Reads and checks the section {@code recall}. */
  public static RecallSettings of(Settings settings) {
    return new RecallSettings(
        settings.text("recall.model"),
        settings.text("recall.output"),
        Split.named(settings.text("recall.split")),
        settings.names("recall.tasks").stream().map(RecallTask::named).toList(),
        settings.integers("recall.lengths"),
        settings.numbers("recall.depths"),
        settings.integer("recall.cases"),
        RecallBooks.of(settings, "recall.books"),
        settings.whole("recall.seed"));
  }
}
