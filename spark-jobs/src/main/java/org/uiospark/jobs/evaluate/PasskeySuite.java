package org.uiospark.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.uiospark.jobs.task.Subject;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.text.TextTokenizer;

/** Retrieval of a hidden key by length of the prompt and depth of the key. */
final class PasskeySuite implements Suite {
  private final Subject subject;
  private final EvaluateSettings settings;
  private final List<Case> cases;

  private record Case(String key, int[] prompt, int answerTokens) implements Serializable {}

  PasskeySuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      this.cases = cases(new PasskeyPrompt(tokenizer));
    }
  }

  /** The last token of an answer is not read. */
  @Override
  public long longestText() {
    return cases.stream()
        .mapToLong(asked -> asked.prompt().length + asked.answerTokens() - 1L)
        .max()
        .orElse(1);
  }

  @Override
  public PasskeyTable run() {
    PasskeySettings passkey = settings.passkey();
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      List<int[]> answers = subject.each(cases, new Answer());
      List<PasskeyTable.Row> rows = new ArrayList<>();
      int next = 0;
      for (int length : passkey.lengths()) {
        for (double depth : passkey.depths()) {
          int right = 0;
          for (int i = 0; i < passkey.cases(); i++, next++) {
            String answer = tokenizer.decode(answers.get(next));
            right += PasskeyPrompt.isRight(answer, cases.get(next).key()) ? 1 : 0;
          }
          rows.add(PasskeyTable.Row.of(length, depth, passkey.cases(), right));
        }
      }
      return new PasskeyTable(
          rows, settings.seed(), subject.model().fingerprint(), settings.adapter());
    }
  }

  private List<Case> cases(PasskeyPrompt prompts) {
    PasskeySettings passkey = settings.passkey();
    List<Case> made = new ArrayList<>();
    for (int length : passkey.lengths()) {
      long index = 0;
      for (double depth : passkey.depths()) {
        for (int i = 0; i < passkey.cases(); i++) {
          String key = PasskeyPrompt.key(settings.seed(), length, index++);
          made.add(new Case(key, prompts.of(length, depth, key), prompts.answerTokens(key)));
        }
      }
    }
    return made;
  }

  /** The likeliest tokens after a prompt. */
  private record Answer() implements Subject.Work<Case, int[]> {
    @Override
    public int[] of(MemoryModel model, DeviceAdapter adapter, Case asked) {
      return new TextGenerator(model, adapter)
          .generate(asked.prompt(), asked.answerTokens(), Sampling.GREEDY, token -> {});
    }
  }
}
