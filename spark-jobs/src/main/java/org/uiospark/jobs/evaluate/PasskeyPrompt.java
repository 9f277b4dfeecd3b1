package org.uiospark.jobs.evaluate;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/**
 * Prompts that hide a key of five digits in filler and ask for it at the end, in the words of
 * Mohtashami and Jaggi (arXiv 2305.16300).
 */
final class PasskeyPrompt {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private final TextTokenizer tokenizer;
  private final int[] opening;
  private final int[] filler;
  private final int[] question;

  PasskeyPrompt(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.opening =
        tokenizer.encode(
            "There is an important info hidden inside a lot of irrelevant text. Find it and memorize it. I will quiz you about the important information there.\n");
    this.filler =
        tokenizer.encode(
            "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n");
    this.question = tokenizer.encode("\nWhat is the pass key? The pass key is");
  }

  /** The key of a case: five digits that follow from the numbers given. */
  static String key(long seed, int length, long index) {
    return Integer.toString(KeyedRandom.of(seed, length, index).nextInt(10_000, 100_000));
  }

  /**
   * A prompt.
   *
   * @param length its tokens
   * @param depth share of the filler that stands before the key
   * @throws InvalidInputException if the fixed parts do not fit the length
   */
  int[] of(int length, double depth, String key) {
    int[] needle =
        tokenizer.encode(
            String.format(
                Locale.ROOT, "\nThe pass key is %s. Remember it. %s is the pass key.\n", key, key));
    int fillers = length - opening.length - needle.length - question.length;
    if (fillers < 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "evaluate.passkey-lengths %d is too short: task, key and question alone take %d tokens",
              length,
              length - fillers));
    }
    int before = (int) Math.round(depth * fillers);
    int[] prompt = new int[length];
    int at = put(opening, prompt, 0);
    at = fill(prompt, at, before);
    at = put(needle, prompt, at);
    at = fill(prompt, at, fillers - before);
    put(question, prompt, at);
    return prompt;
  }

  private static int put(int[] part, int[] prompt, int at) {
    System.arraycopy(part, 0, prompt, at, part.length);
    return at + part.length;
  }

  private int fill(int[] prompt, int at, int tokens) {
    for (int i = 0; i < tokens; i++) {
      prompt[at + i] = filler[i % filler.length];
    }
    return at + tokens;
  }

  /** Tokens that an answer may take: those of the key, and a few in case words come first. */
  int answerTokens(String key) {
    return tokenizer.encode(" " + key).length + 4;
  }

  /** Whether the first number of an answer is the key. */
  static boolean isRight(String answer, String key) {
    Matcher number = NUMBER.matcher(answer);
    return number.find() && number.group().equals(key);
  }
}
