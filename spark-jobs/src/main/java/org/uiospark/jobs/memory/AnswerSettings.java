package org.uiospark.jobs.memory;

import java.util.OptionalInt;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.reading.Sampling;

/**
 * What {@code answer} does.
 *
 * @param model URI of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param memoryTokens of those that the adapter was trained for; empty for the most
 * @param memories URI of a folder that memorize wrote
 * @param questions URI of a JSONL file
 * @param output URI of the folder for the answers
 * @param batch questions to a text that are answered together
 * @param maxNewTokens limit of an answer
 * @param sampling how tokens are chosen, the same for each question
 */
public record AnswerSettings(
    String model,
    String adapter,
    OptionalInt memoryTokens,
    String memories,
    String questions,
    String output,
    int batch,
    int maxNewTokens,
    Sampling sampling) {
  /** Reads and checks the section {@code answer}. */
  public static AnswerSettings of(Settings settings) {
    return new AnswerSettings(
        settings.text("answer.model"),
        settings.text("answer.adapter"),
        settings.integerOrAuto("answer.memory-tokens"),
        settings.text("answer.memories"),
        settings.text("answer.questions"),
        settings.text("answer.output"),
        settings.integer("answer.batch"),
        settings.integer("answer.max-new-tokens"),
        new Sampling(
            settings.number("answer.temperature"),
            settings.number("answer.top-p"),
            settings.whole("answer.seed")));
  }
}
