package org.uiospark.jobs.memory;

import java.util.List;
import java.util.OptionalInt;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.settings.Settings;

/**
 * What {@code memorize} does.
 *
 * @param model URI of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param memoryTokens of those that the adapter was trained for; empty for the most
 * @param inputs files, directories or globs, as prep reads them
 * @param output URI of the folder for the memory files
 * @param reading how the text is read
 * @param shardBytes bytes of input that one task tokenizes
 * @param maxRejectedShare share of malformed records above which the run fails
 */
public record MemorizeSettings(
    String model,
    String adapter,
    OptionalInt memoryTokens,
    List<String> inputs,
    String output,
    TextReading reading,
    long shardBytes,
    double maxRejectedShare) {
  /** Reads and checks the section {@code memorize}. */
  public static MemorizeSettings of(Settings settings) {
    return new MemorizeSettings(
        settings.text("memorize.model"),
        settings.text("memorize.adapter"),
        settings.integerOrAuto("memorize.memory-tokens"),
        settings.texts("memorize.input"),
        settings.text("memorize.output"),
        new TextReading(
            RecordFields.ofText(settings.text("memorize.text-field")),
            settings.number("memorize.max-replaced-share")),
        settings.bytes("memorize.shard-size"),
        settings.number("memorize.max-rejected-share"));
  }
}
