package org.uiospark.jobs.recall;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.uiospark.model.text.TextTokenizer;

/** Sentences that things are hidden between; behind the last one the first one follows again. */
final class Haystack {
  /** A sentence of more characters, such as a table, would make cuts coarse and is left out. */
  private static final int LONGEST = 300;

  /** No sentence ends with one, though a capital letter follows. */
  private static final Pattern TITLE = Pattern.compile(".*\\b(Mr|Mrs|Messrs|Dr|St)\\.\\s*");

  private final List<String> sentences;
  private final TextTokenizer tokenizer;

  /**
   * Tokens of each sentence behind a space; 0 until they are asked for. Whoever counts them at the
   * same time counts the same.
   */
  private final int[] tokens;

  /**
   * @param texts any number of them, of any length; there has to be a sentence
   */
  Haystack(List<String> texts, TextTokenizer tokenizer) {
    this.sentences = texts.stream().flatMap(text -> sentences(text).stream()).toList();
    this.tokenizer = tokenizer;
    this.tokens = new int[sentences.size()];
  }

  private static List<String> sentences(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    BreakIterator ends = BreakIterator.getSentenceInstance(Locale.ENGLISH);
    ends.setText(line);
    List<String> sentences = new ArrayList<>();
    int start = ends.first();
    for (int end = ends.next(); end != BreakIterator.DONE; end = ends.next()) {
      if (TITLE.matcher(line.substring(start, end)).matches()) {
        continue;
      }
      String sentence = line.substring(start, end).strip();
      if (!sentence.isEmpty() && sentence.length() <= LONGEST) {
        sentences.add(sentence);
      }
      start = end;
    }
    return sentences;
  }

  /** How many sentences there are. */
  int size() {
    return sentences.size();
  }

  /** A sentence; behind the last one the first one follows. */
  String sentence(int index) {
    return sentences.get(index % size());
  }

  /** Tokens of a sentence behind a space. */
  int tokens(int index) {
    int place = index % size();
    if (tokens[place] == 0) {
      tokens[place] = tokenizer.encode(" " + sentences.get(place)).length;
    }
    return tokens[place];
  }
}
