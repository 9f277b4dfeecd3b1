package org.uiospark.jobs.recall;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.uiospark.model.input.InputJson;

/**
 * The words of both splits, which share none, and which numbers belong to which: {@code words.json}
 * beside this class.
 *
 * @param comment for who reads the file
 * @param modulus of numbers
 * @param testRemainder numbers with this remainder are those of the test
 * @param train words to train with
 * @param test words that training never sees
 */
record RecallWords(
    String comment,
    @JsonProperty("key_modulus") int modulus,
    @JsonProperty("test_remainder") int testRemainder,
    Words train,
    Words test) {
  private static final String FILE = "words.json";

  /** Those that the program carries. */
  static final RecallWords ALL = read();

  private static RecallWords read() {
    try (InputStream in = RecallWords.class.getResourceAsStream(FILE)) {
      return InputJson.record(FILE, in.readAllBytes(), RecallWords.class);
    } catch (IOException e) {
      throw new UncheckedIOException(FILE, e);
    }
  }

  Words of(Split split) {
    return split == Split.TRAIN ? train : test;
  }

  /** Whether a number may stand in cases of a split. */
  boolean isOf(Split split, int number) {
    return (number % modulus == testRemainder) == (split == Split.TEST);
  }
}
