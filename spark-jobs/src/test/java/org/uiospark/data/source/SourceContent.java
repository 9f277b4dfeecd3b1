package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.input.InvalidInputException;

/**
 * What prep finds in an input file.
 *
 * @param texts of its records
 * @param malformed records that are none
 */
public record SourceContent(List<String> texts, int malformed) {
  /**
   * Reads a file of records as a task of prep does.
   *
   * @throws InvalidInputException if it is spoiled
   */
  public static SourceContent read(Path file) throws IOException {
    PrepSettings settings =
        new PrepSettings(
            List.of(file.toString()),
            "out",
            "tokenizer",
            Objective.LM,
            new Cutting(16, 4, 1, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            1 << 20,
            1);
    Slice slice = new Slice(file.toString(), 0, Files.size(file), 0);
    Collector collector = new Collector();
    try {
      new SourceReader(settings, new Configuration()).records(slice, collector);
    } catch (SpoiledFileException e) {
      throw new InvalidInputException(e.path() + " is " + e.getMessage(), e);
    }
    return new SourceContent(collector.texts, collector.malformed);
  }

  private static final class Collector implements RecordConsumer {
    private final List<String> texts = new ArrayList<>();
    private int malformed;

    @Override
    public void record(JsonNode record, Place place) {
      texts.add(record.path("text").asText());
    }

    @Override
    public void malformed(Place place, String reason) {
      malformed++;
    }

    @Override
    public void replaced(Slice slice, long bytes) {}
  }
}
