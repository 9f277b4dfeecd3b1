package org.uiospark.jobs.recall;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.prep.CorpusTexts;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.prep.PrepSettingsReader;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/**
 * Text that things are hidden in.
 *
 * @param uris files as prep reads them; none: a few sentences of {@code words.json} are repeated
 * @param reading how their text is read
 */
public record RecallBooks(List<String> uris, TextReading reading) {
  /** Characters that are read at most, from all over the files; some million tokens. */
  private static final int MOST = 4 << 20;

  /** Reads the URIs of a key; how text is read is set in {@code prep}. */
  public static RecallBooks of(Settings settings, String key) {
    return new RecallBooks(settings.texts(key), PrepSettingsReader.reading(settings));
  }

  /**
   * The haystacks of which a case takes one.
   *
   * @throws InvalidInputException if there are books, but no sentence is in them
   */
  List<Haystack> haystacks(Split split, TextTokenizer tokenizer, Configuration configuration) {
    if (uris.isEmpty()) {
      return RecallWords.ALL.of(split).fillers().stream()
          .map(filler -> new Haystack(List.of(filler), tokenizer))
          .toList();
    }
    Haystack books =
        new Haystack(CorpusTexts.sample(uris, reading, MOST, configuration), tokenizer);
    if (books.size() == 0) {
      throw new InvalidInputException(
          "no sentence is in the books "
              + String.join(", ", uris)
              + "; name files that hold running text");
    }
    return List.of(books);
  }
}
