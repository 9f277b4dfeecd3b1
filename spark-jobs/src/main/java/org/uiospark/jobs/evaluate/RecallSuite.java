package org.uiospark.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.jobs.recall.RecallAnswer;
import org.uiospark.jobs.recall.RecallCase;
import org.uiospark.jobs.recall.RecallCases;
import org.uiospark.jobs.recall.RecallTask;
import org.uiospark.jobs.recall.Split;
import org.uiospark.jobs.task.Subject;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.reading.WindowReader;
import org.uiospark.model.text.TextTokenizer;

/**
 * Cases of the test that need far memory, by task, length and depth. Each is asked twice: with
 * memory, and of the frozen base alone on the last tokens of the prompt that its window holds.
 */
final class RecallSuite implements Suite {
  private final Subject subject;
  private final EvaluateSettings settings;
  private final List<Prompt> prompts = new ArrayList<>();
  private final List<RecallAnswer> right = new ArrayList<>();

  private record Prompt(int[] tokens, int answerTokens) implements Serializable {
    int[] inWindow(int window) {
      return WindowReader.inWindow(tokens, answerTokens, window);
    }

    int cut(int window) {
      return inWindow(window).length < tokens.length ? 1 : 0;
    }
  }

  private record Place(RecallTask task, int length, double depth, long index) {
    RecallCase of(RecallCases cases) {
      return cases.of(task, length, depth, index);
    }
  }

  private record Answers(int[] withMemory, int[] base) implements Serializable {}

  RecallSuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      make(tokenizer);
    }
  }

  private void make(TextTokenizer tokenizer) {
    RecallGrid grid = settings.recall();
    RecallCases cases =
        new RecallCases(
            tokenizer,
            grid.books(),
            subject.spark().hadoopConfiguration(),
            Split.TEST,
            settings.seed(),
            "evaluate.recall-lengths");
    List<Place> places = new ArrayList<>();
    for (RecallTask task : grid.tasks()) {
      for (int length : grid.lengths()) {
        long index = 0;
        for (double depth : grid.depths()) {
          for (int i = 0; i < grid.cases(); i++) {
            places.add(new Place(task, length, depth, index++));
          }
        }
      }
    }
    // Long texts take time to cut: all cores of the driver make them.
    for (RecallCase made : places.parallelStream().map(place -> place.of(cases)).toList()) {
      prompts.add(new Prompt(made.prompt(), made.answerTokens()));
      right.add(made.answer());
    }
  }

  /** The last token of an answer is not read. */
  @Override
  public long longestText() {
    return prompts.stream()
        .mapToLong(prompt -> prompt.tokens().length + prompt.answerTokens() - 1L)
        .max()
        .orElse(1);
  }

  @Override
  public RecallTable run() {
    RecallGrid grid = settings.recall();
    int window = subject.base().nativeWindow();
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      List<Answers> answers = subject.each(prompts, new Answer(window));
      List<RecallTable.Row> rows = new ArrayList<>();
      int next = 0;
      for (RecallTask task : grid.tasks()) {
        for (int length : grid.lengths()) {
          for (double depth : grid.depths()) {
            int withMemory = 0;
            int base = 0;
            int cut = 0;
            for (int i = 0; i < grid.cases(); i++, next++) {
              withMemory += isRight(next, tokenizer.decode(answers.get(next).withMemory()));
              base += isRight(next, tokenizer.decode(answers.get(next).base()));
              cut += prompts.get(next).cut(window);
            }
            rows.add(
                RecallTable.Row.of(
                    task.toString(), length, depth, grid.cases(), withMemory, base, cut));
          }
        }
      }
      return new RecallTable(
          rows,
          window,
          grid.books().uris(),
          settings.seed(),
          subject.model().fingerprint(),
          settings.adapter());
    }
  }

  private int isRight(int asked, String answer) {
    return right.get(asked).isIn(answer) ? 1 : 0;
  }

  /** The likeliest tokens after a prompt. */
  private record Answer(int window) implements Subject.Work<Prompt, Answers> {
    @Override
    public Answers of(MemoryModel model, DeviceAdapter adapter, Prompt prompt) {
      TextGenerator generator = new TextGenerator(model, adapter);
      int most = prompt.answerTokens();
      int[] last = prompt.inWindow(window);
      try (WindowReader base = new WindowReader(model, last.length + most)) {
        return new Answers(
            generator.generate(prompt.tokens(), most, Sampling.GREEDY, token -> {}),
            generator.generate(base, last, most, Sampling.GREEDY, token -> {}));
      }
    }
  }
}
