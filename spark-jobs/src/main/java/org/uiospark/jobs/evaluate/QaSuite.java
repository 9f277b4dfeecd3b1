package org.uiospark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.uiospark.jobs.task.Subject;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.text.TextTokenizer;

/** Answers to questions over long texts, by greedy generation. */
final class QaSuite implements Suite {
  private final Subject subject;
  private final EvaluateSettings settings;
  private final List<QaExample> examples = new ArrayList<>();
  private final List<int[]> prompts = new ArrayList<>();
  private final List<Boolean> cut = new ArrayList<>();

  QaSuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    for (String file : settings.qa().files()) {
      examples.addAll(QaExample.read(file, subject.spark().hadoopConfiguration()));
    }
    int most = settings.qa().maxPrompt();
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      for (QaExample example : examples) {
        int[] whole = tokenizer.encode(example.prompt());
        prompts.add(QaExample.cut(whole, most));
        cut.add(whole.length > most);
      }
    }
  }

  /** The last token of an answer is not read. */
  @Override
  public long longestText() {
    int longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    return longest + settings.qa().maxNewTokens() - 1L;
  }

  @Override
  public QaTable run() {
    QaSettings qa = settings.qa();
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      List<int[]> answers = subject.each(prompts, new Answer(qa.maxNewTokens()));
      List<QaTable.Scored> scored = new ArrayList<>();
      for (int i = 0; i < examples.size(); i++) {
        scored.add(
            QaTable.Scored.of(examples.get(i), tokenizer.decode(answers.get(i)), cut.get(i)));
      }
      return QaTable.of(scored, qa, subject.model().fingerprint(), settings.adapter());
    }
  }

  /** The likeliest tokens after a prompt. */
  private record Answer(int maxNewTokens) implements Subject.Work<int[], int[]> {
    @Override
    public int[] of(MemoryModel model, DeviceAdapter adapter, int[] prompt) {
      return new TextGenerator(model, adapter)
          .generate(prompt, maxNewTokens, Sampling.GREEDY, token -> {});
    }
  }
}
