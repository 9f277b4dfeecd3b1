package org.uiospark.jobs.recall;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Draws the words and numbers of one case, all of its split. */
final class Draws {
  private static final int LARGEST_FIRST_LINE = 400;

  private final Split split;
  private final SplittableRandom random;

  Draws(Split split, SplittableRandom random) {
    this.split = split;
    this.random = random;
  }

  Words words() {
    return RecallWords.ALL.of(split);
  }

  <T> T one(List<T> of) {
    return of.get(index(of.size()));
  }

  /** A whole number from 0 to below {@code bound}. */
  int index(int bound) {
    return random.nextInt(bound);
  }

  /** Different ones, in the order in which they are drawn. */
  List<String> some(int count, List<String> of) {
    List<String> left = new ArrayList<>(of);
    List<String> drawn = new ArrayList<>();
    while (drawn.size() < count) {
      drawn.add(left.remove(index(left.size())));
    }
    return drawn;
  }

  /** Different numbers of five digits. */
  List<String> numbers(int count) {
    return different(
        count,
        () -> {
          int number;
          do {
            number = random.nextInt(10_000, 100_000);
          } while (!RecallWords.ALL.isOf(split, number));
          return Integer.toString(number);
        });
  }

  /** Different things, each with an adjective. */
  List<String> keys(int count) {
    return different(count, () -> one(words().adjectives()) + " " + one(words().things()));
  }

  /** Different lines without their numbers. */
  List<String> phrases(int count) {
    String phrase = one(words().phrases());
    return different(count, () -> Wording.filled(phrase, about(one(words().people()))));
  }

  /** The next numbers of the split from a drawn one on, ascending. */
  List<String> lineNumbers(int count) {
    List<String> numbers = new ArrayList<>();
    for (int next = 1 + index(LARGEST_FIRST_LINE); numbers.size() < count; next++) {
      if (RecallWords.ALL.isOf(split, next)) {
        numbers.add(Integer.toString(next));
      }
    }
    return numbers;
  }

  /** What every name of a wording about somebody stands for. */
  Map<String, String> about(String person) {
    Map<String, String> names = new HashMap<>();
    for (String name : List.of("q", "t", "a", "l")) {
      names.put(name, one(words().named(name)));
    }
    names.put("p", person);
    return names;
  }

  /** So many shares from 0 to below 1, ascending. */
  double[] shares(int count) {
    double[] shares = random.doubles(count).toArray();
    Arrays.sort(shares);
    return shares;
  }

  private static List<String> different(int count, Supplier<String> draw) {
    Set<String> drawn = new LinkedHashSet<>();
    while (drawn.size() < count) {
      drawn.add(draw.get());
    }
    return List.copyOf(drawn);
  }
}
