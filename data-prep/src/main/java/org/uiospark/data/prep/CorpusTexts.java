package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.IOUtils;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.DocumentFilter;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.InputListing;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.model.input.InvalidInputException;

/** Texts of documents as prep reads them, without tokenizer and without Spark. */
public final class CorpusTexts {
  private static final Logger LOG = LoggerFactory.getLogger(CorpusTexts.class);

  private CorpusTexts() {}

  /**
   * All texts of the input, in its order, held in memory. Files that are spoiled are left out.
   *
   * @param settings of a run for an objective that reads text
   * @throws InvalidInputException if an input names no file, or one that prep does not read
   */
  public static List<String> read(PrepSettings settings, Configuration configuration) {
    try {
      List<String> texts = new ArrayList<>();
      for (Slice slice : InputListing.of(settings, configuration).slices()) {
        texts.addAll(read(slice, settings, configuration));
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> read(Slice slice, PrepSettings settings, Configuration configuration)
      throws IOException {
    Texts texts = new Texts();
    DocumentFilter all = DocumentFilter.of(Map.of(), Map.of());
    ShardReader reader = new ShardReader(settings, configuration, all, texts, new ShardResult(0));
    try {
      reader.read(slice);
      return texts.read;
    } catch (SpoiledFileException e) {
      LOG.warn("{} is left out: it is {}", e.path(), e.getMessage());
      return List.of();
    }
  }

  private static final class Texts implements DocumentSink {
    private final List<String> read = new ArrayList<>();

    @Override
    public boolean text(Document document, Reader text) throws IOException {
      return read.add(IOUtils.toString(text));
    }

    @Override
    public void end(Document document, String sha256) {}

    @Override
    public void example(Document document, JsonNode record, String sha256) {
      throw new IllegalArgumentException("examples are no texts");
    }
  }
}
