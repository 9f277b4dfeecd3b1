package org.uiospark.jobs.recall;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is hidden in a text and asked at its end. Every number has five digits, but for those of
 * lines; the words of a case have one wording, and which words and numbers may stand in it its
 * {@link Split} says. The order of the tasks is part of every draw: a new one comes last.
 */
public enum RecallTask {
  /**
   * One number that belongs to nothing; it is asked for (Mohtashami and Jaggi, arXiv 2305.16300, of
   * whom the test has the words).
   */
  PASSKEY {
    @Override
    Puzzle hide(Draws draws) {
      return number(draws, draws.one(draws.words().lone()), Map.of());
    }
  },

  /** One number that belongs to a thing; it is asked for (RULER, arXiv 2404.06654: niah_single). */
  NEEDLE {
    @Override
    Puzzle hide(Draws draws) {
      return number(draws, draws.one(draws.words().numbers()), Map.of("k", draws.keys(1).get(0)));
    }
  },

  /**
   * Four things with a number each; the number of one is asked for, which lies at the depth, the
   * others anywhere (RULER: niah_multikey with 4 keys).
   */
  NEEDLES {
    @Override
    Puzzle hide(Draws draws) {
      Wording wording = draws.one(draws.words().numbers());
      List<String> keys = draws.keys(SEVERAL);
      List<String> numbers = draws.numbers(SEVERAL);
      List<List<String>> threads = new ArrayList<>();
      for (int i = 0; i < SEVERAL; i++) {
        threads.add(List.of(wording.said(Map.of("k", keys.get(i), "v", numbers.get(i)))));
      }
      return Puzzle.of(
          threads, 0, wording.question(Map.of("k", keys.get(0))), numbers.subList(0, 1));
    }
  },

  /**
   * One thing with four numbers, each in a sentence of its own; all are asked for. The first lies
   * at the depth, the others behind it (RULER: niah_multivalue with 4 values).
   */
  VALUES {
    @Override
    Puzzle hide(Draws draws) {
      Wording wording = draws.one(draws.words().values());
      String key = draws.keys(1).get(0);
      List<String> numbers = draws.numbers(SEVERAL);
      return Puzzle.of(
          List.of(
              numbers.stream().map(number -> wording.said(Map.of("k", key, "v", number))).toList()),
          0,
          wording.question(Map.of("k", key)),
          numbers);
    }
  },

  /**
   * A variable gets a number, a second one what the first has, a third one what the second has; all
   * three are asked for by their number. The first assignment lies at the depth, the others behind
   * it in their order; three other variables have another number in the same way, anywhere (RULER:
   * variable tracking with 2 chains and 2 hops).
   */
  VARIABLES {
    @Override
    Puzzle hide(Draws draws) {
      Binding wording = draws.one(draws.words().bindings());
      List<String> names = draws.some(2 * CHAIN, draws.words().variables());
      List<String> values = draws.numbers(2);
      List<String> asked = names.subList(0, CHAIN);
      return Puzzle.of(
          List.of(
              wording.chain(asked, values.get(0)),
              wording.chain(names.subList(CHAIN, 2 * CHAIN), values.get(1))),
          0,
          wording.question(values.get(0)),
          asked);
    }
  },

  /**
   * Two facts of each of three people, such as where they went; the second one of a person counts.
   * It is asked for and lies at the depth, the first one before it, those of the others anywhere
   * (after bAbI's task 1, scattered as in BABILong, arXiv 2406.10149: qa1).
   */
  FACTS {
    @Override
    Puzzle hide(Draws draws) {
      Wording wording = draws.one(draws.words().facts());
      String slot = wording.answer();
      List<List<String>> threads = new ArrayList<>();
      String question = "";
      String answer = "";
      for (String person : draws.some(PEOPLE, draws.words().people())) {
        Map<String, String> names = draws.about(person);
        List<String> others =
            draws.words().named(slot).stream().filter(name -> !name.equals(person)).toList();
        List<String> thread = new ArrayList<>();
        for (String value : draws.some(2, others)) {
          names.put(slot, value);
          thread.add(wording.said(names));
        }
        if (threads.isEmpty()) {
          question = wording.question(names);
          answer = names.get(slot);
        }
        threads.add(thread);
      }
      return Puzzle.of(threads, 1, question, List.of(answer));
    }
  },

  /**
   * Eight numbered lines in the order of their numbers; one of them, which lies at the depth, is to
   * be copied by its number.
   */
  LINES {
    @Override
    Puzzle hide(Draws draws) {
      Wording wording = draws.one(draws.words().lines());
      List<String> numbers = draws.lineNumbers(LINE_COUNT);
      List<String> phrases = draws.phrases(LINE_COUNT);
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < LINE_COUNT; i++) {
        lines.add(wording.said(Map.of("n", numbers.get(i), "x", phrases.get(i))));
      }
      int asked = draws.index(LINE_COUNT);
      return Puzzle.of(
          List.of(lines),
          asked,
          wording.question(Map.of("n", numbers.get(asked))),
          phrases.subList(asked, asked + 1));
    }
  };

  private static final int SEVERAL = 4;
  private static final int CHAIN = 3;
  private static final int PEOPLE = 3;
  private static final int LINE_COUNT = 8;

  /** The names of all tasks, as settings write them. */
  public static final List<String> NAMES =
      Arrays.stream(values()).map(RecallTask::toString).toList();

  /** Draws what is hidden and asked. */
  abstract Puzzle hide(Draws draws);

  /** The task of one of the {@link #NAMES}. */
  public static RecallTask named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** Its name as settings and results write it. */
  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static Puzzle number(Draws draws, Wording wording, Map<String, String> names) {
    List<String> number = draws.numbers(1);
    Map<String, String> all = new HashMap<>(names);
    all.put("v", number.get(0));
    return Puzzle.of(List.of(List.of(wording.said(all))), 0, wording.question(names), number);
  }
}
