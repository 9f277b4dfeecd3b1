package org.uiospark.data.prep;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.DocumentName;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.model.input.InvalidInputException;

/** Texts of documents as prep reads them, without tokenizer and without Spark. */
public final class CorpusTexts {
  private static final Logger LOG = LoggerFactory.getLogger(CorpusTexts.class);

  /** Slices of the input that a sample is taken from at most, and how long they are. */
  private static final int SAMPLED = 64;

  private static final int SLICE_BYTES = 2 << 20;

  /** Nothing is written where only texts are read. */
  private static final String NOWHERE = "_nowhere";

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
        texts.addAll(beginnings(slice, Long.MAX_VALUE, settings, configuration));
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Beginnings of texts from all over the input, in its order, held in memory: of each of up to 64
   * files or parts of files as many texts as have its share of the characters, the last one cut.
   * Files that are seen to be spoiled are left out.
   *
   * @param inputs files, directories or globs
   * @param most characters of all texts together
   * @throws InvalidInputException if an input names no file, or one that prep does not read
   */
  public static List<String> sample(
      List<String> inputs, TextReading reading, int most, Configuration configuration) {
    PrepSettings settings =
        new PrepSettings(
            inputs,
            NOWHERE,
            NOWHERE,
            Objective.LM,
            new Cutting(1, 1, 1, 0),
            reading,
            Repeats.KEPT,
            SLICE_BYTES,
            1);
    try {
      List<Slice> slices = InputListing.of(settings, configuration).slices();
      int count = Math.min(SAMPLED, slices.size());
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Slice slice = slices.get((int) ((long) i * slices.size() / count));
        texts.addAll(beginnings(slice, most / count, settings, configuration));
      }
      return texts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What documents of some names hold: the SHA-256 of their contents, by name. Of documents of one
   * name the last in the order of the input counts. Records have to be read to know their names; of
   * text files those of other names are not.
   *
   * @param settings of a run for an objective that reads text
   */
  public static Map<String, String> contents(
      PrepSettings settings, Set<String> names, Configuration configuration) {
    try {
      Map<String, String> contents = new LinkedHashMap<>();
      for (Slice file : files(InputListing.of(settings, configuration).slices())) {
        boolean text = file.kind().content() == Content.TEXT;
        if (!text || names.contains(DocumentName.at(file.name()).docId())) {
          Contents found = new Contents(names);
          if (isRead(file, found, settings, configuration)) {
            contents.putAll(found.sha256);
          }
        }
      }
      return contents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whole files: lines of a part of one are not numbered yet. */
  private static List<Slice> files(List<Slice> slices) {
    List<Slice> files = new ArrayList<>();
    for (Slice slice : slices) {
      if (slice.start() == 0) {
        files.add(slice);
      } else {
        files.add(files.remove(files.size() - 1).until(slice.end()));
      }
    }
    return files;
  }

  /** As many texts of a slice as have so many characters; none if its file is spoiled. */
  private static List<String> beginnings(
      Slice slice, long most, PrepSettings settings, Configuration configuration)
      throws IOException {
    Beginnings beginnings = new Beginnings(most);
    return isRead(slice, beginnings, settings, configuration) ? beginnings.read : List.of();
  }

  /** Whether a slice could be read; what a sink has of one that is spoiled does not count. */
  private static boolean isRead(
      Slice slice, DocumentSink sink, PrepSettings settings, Configuration configuration)
      throws IOException {
    try {
      new ShardReader(settings, configuration, sink, new ShardResult(0))
          .read(slice, LeftOut.nothing());
      return true;
    } catch (Enough e) {
      return true;
    } catch (SpoiledFileException e) {
      LOG.warn("{} is left out: it is {}", e.path(), e.getMessage());
      return false;
    }
  }

  /** Ends the reading of a slice, of which nobody wants more. */
  private static final class Enough extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Contents implements DocumentSink {
    private final Map<String, String> sha256 = new LinkedHashMap<>();
    private final Set<String> names;

    Contents(Set<String> names) {
      this.names = names;
    }

    @Override
    public boolean text(Document document, Reader text) {
      return true;
    }

    @Override
    public void end(Document document, String hash) {
      if (names.contains(document.name().docId())) {
        sha256.put(document.name().docId(), hash);
      }
    }

    @Override
    public void example(Document document, JsonNode record, String hash) {
      throw new IllegalArgumentException("examples are no texts");
    }

    @Override
    public void near(Document document, String hash) {}
  }

  private static final class Beginnings implements DocumentSink {
    private final List<String> read = new ArrayList<>();
    private long left;

    Beginnings(long most) {
      this.left = most;
    }

    @Override
    public boolean text(Document document, Reader text) throws IOException {
      StringBuilder taken = new StringBuilder();
      char[] buffer = new char[8192];
      int count = 0;
      while (count >= 0 && left > 0) {
        count = text.read(buffer, 0, (int) Math.min(buffer.length, left));
        taken.append(buffer, 0, Math.max(0, count));
        left -= Math.max(0, count);
      }
      read.add(taken.toString());
      if (left == 0) {
        throw new Enough();
      }
      return true;
    }

    @Override
    public void end(Document document, String sha256) {}

    @Override
    public void example(Document document, JsonNode record, String sha256) {
      throw new IllegalArgumentException("examples are no texts");
    }

    @Override
    public void near(Document document, String sha256) {}
  }
}
