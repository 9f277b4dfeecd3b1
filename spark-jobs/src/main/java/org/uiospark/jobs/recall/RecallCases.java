package org.uiospark.jobs.recall;

import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/**
 * Makes the cases of a split. A case follows from seed, split, task, length, depth and its number
 * among those; any thread may make any.
 */
public final class RecallCases {
  /** Tokens that an answer may have beyond those of the right one: words may come first. */
  private static final int MORE = 4;

  private final TextTokenizer tokenizer;
  private final List<Haystack> haystacks;
  private final Split split;
  private final long seed;
  private final String lengthsKey;

  /**
   * Reads the books.
   *
   * @param tokenizer counts tokens; stays open
   * @param lengthsKey where lengths are set, for messages
   * @throws InvalidInputException if an input names no file that prep reads, or no sentence is in
   *     them
   */
  public RecallCases(
      TextTokenizer tokenizer,
      RecallBooks books,
      Configuration configuration,
      Split split,
      long seed,
      String lengthsKey) {
    this.tokenizer = tokenizer;
    this.haystacks = books.haystacks(split, tokenizer, configuration);
    this.split = split;
    this.seed = seed;
    this.lengthsKey = lengthsKey;
  }

  /**
   * A case. Its text has as many whole sentences of the haystack as fit the length.
   *
   * @param length tokens of text, question and an answer at most (RULER counts so; and a text that
   *     fills whole segments does not part a question from its answer)
   * @param depth share of the haystack before what is asked for, from 0 to 1
   * @param index among the cases of the same task and length
   * @throws InvalidInputException if the length has no room for what is hidden and asked
   */
  public RecallCase of(RecallTask task, int length, double depth, long index) {
    long kind = ((long) split.ordinal() << 40) | ((long) task.ordinal() << 32) | length;
    Draws draws = new Draws(split, KeyedRandom.of(seed, kind, index));
    Puzzle puzzle = task.hide(draws);
    Layout layout = Layout.of(puzzle, depth, draws.one(haystacks), draws);
    int answer = tokenizer.encode(puzzle.answer().text()).length + MORE;
    int least = tokenizer.encode(layout.text(0) + puzzle.question()).length + answer;
    if (least > length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s %d is too short for task %s: opening, what is hidden, question and answer alone take %d tokens",
              lengthsKey,
              length,
              task,
              least));
    }
    Cut cut = cut(layout, puzzle.question(), length - answer, layout.fitting(0, length - least));
    return new RecallCase(
        task, length, depth, cut.text(), puzzle.question(), puzzle.answer(), cut.prompt(), answer);
  }

  /** A text, and it with the question in tokens. */
  private record Cut(String text, int[] prompt) {}

  /**
   * The longest text.
   *
   * @param guess how many sentences of the haystack it may have: between others they have about as
   *     many tokens as alone
   */
  private Cut cut(Layout layout, String question, int length, int guess) {
    int sentences = guess;
    int most = Integer.MAX_VALUE;
    while (true) {
      String text = layout.text(sentences);
      int[] prompt = tokenizer.encode(text + question);
      int room = length - prompt.length;
      if (room < 0) {
        most = sentences - 1;
        sentences = layout.without(sentences, -room);
      } else if (sentences < most && layout.fitting(sentences, room) > 0) {
        sentences = Math.min(most, sentences + layout.fitting(sentences, room));
      } else {
        return new Cut(text, prompt);
      }
    }
  }
}
