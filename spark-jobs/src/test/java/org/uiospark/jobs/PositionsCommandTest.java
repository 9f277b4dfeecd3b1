package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.generate.Generate;
import org.uiospark.jobs.train.Trainer;
import org.uiospark.model.adapter.AdapterShape;

/**
 * A base model of 64 positions: they hold nine segments of 32, for the ninth stands behind eight
 * memories of 4, and 28 tokens behind nine memories.
 */
@Tag("cluster")
class PositionsCommandTest extends CommandInput {

  @BeforeEach
  void fewPositions() throws IOException {
    edit(
        model.resolve("config.json"),
        "\"max_position_embeddings\": 512",
        "\"max_position_embeddings\": 64");
    saveAdapter(model, adapter, 4, 0.01f, AdapterShape::withRepeat);
  }

  /** Sixteen segments: the last one, a whole one, stands behind 15 memories of 4. */
  @Test
  void trainSaysOnceThatSequencesReachBeyondThePositions() throws Exception {
    assertWarnings(Trainer.class, () -> train(model, data(), "--steps", 2))
        .singleElement()
        .asString()
        .contains("has 512 tokens and takes 92 positions", "--max-segments")
        .contains("beyond the 64 that the base model was trained for (max_position_embeddings)")
        .contains("with segments of 32 and 4 memory tokens", "within them has 316 tokens")
        .doesNotContain("\n");
  }

  @Test
  void heldOutTextCountsAndWhatAutoEncodingReadsIsNoLongerThanTwoSegments() throws Exception {
    Path segments = prepared("ae", 16);
    assertWarnings(Trainer.class, () -> train(model, segments, "--steps", 1)).isEmpty();
    Path few = prepared("lm", 9);
    assertWarnings(Trainer.class, () -> train(model, few, "--steps", 1, "--output", other()))
        .isEmpty();
    assertWarnings(
            Trainer.class,
            () -> train(model, few, "--steps", 1, "--output", other(), "--held-out", data()))
        .singleElement()
        .asString()
        .contains("has 512 tokens");
  }

  @Test
  void evaluateSaysItOnceForAllSuites() throws Exception {
    Object[] cases = {
      "--recall-lengths", 300, "--recall-depths", 1, "--recall-cases", 1, "--sequences", 1
    };
    assertWarnings(Evaluation.class, () -> evaluated("recall,ae", cases)).isEmpty();
    assertWarnings(Evaluation.class, () -> evaluated("recall,ae,ppl", cases))
        .singleElement()
        .asString()
        .contains("has 512 tokens and takes 92 positions", "beyond the 64", "has 316 tokens");
    cases[1] = 400;
    assertWarnings(Evaluation.class, () -> evaluated("recall", cases))
        .singleElement()
        .asString()
        .contains("beyond the 64", "has 316 tokens");
  }

  private CommandRun evaluated(String suites, Object... options) throws IOException {
    Object[] all = new Object[options.length + 2];
    all[0] = "--suite";
    all[1] = suites;
    System.arraycopy(options, 0, all, 2, options.length);
    return evaluate(model, adapter, data(), all);
  }

  @Test
  void answersToQuestionsCountWithTheirPrompts() throws Exception {
    Path questions =
        Files.writeString(
            folder.resolve("q.jsonl"),
            String.format(
                Locale.ROOT,
                "{\"input\": \"Who?\", \"context\": \"%s\", \"answers\": [\"Emma\"]}",
                "She ran home. ".repeat(200)));
    Object[] fits = {"--qa", questions, "--qa-max-prompt", 310, "--qa-max-new-tokens", 7};
    assertWarnings(Evaluation.class, () -> evaluated("qa", fits)).isEmpty();
    fits[5] = 8;
    assertWarnings(Evaluation.class, () -> evaluated("qa", fits))
        .singleElement()
        .asString()
        .contains("has 317 tokens and takes 65 positions", "beyond the 64", "has 316 tokens");
  }

  @Test
  void generateSaysItOfThePromptWithItsContinuation() throws Exception {
    assertWarnings(Generate.class, () -> generate(model, adapter)).isEmpty();
    Files.writeString(prompt, "The boy ran home. ".repeat(200));
    assertWarnings(Generate.class, () -> generate(model, adapter))
        .singleElement()
        .asString()
        .contains("The prompt with its continuation has", "beyond the 64", "has 316 tokens");
  }

  private Path prepared(String objective, int maxSegments) throws IOException {
    Path book =
        Files.writeString(folder.resolve("book.txt"), Files.readString(BOOK).substring(2000, 6000));
    Path set = folder.resolve(objective);
    prep(book, "--objective", objective, "--max-segments", maxSegments, "--output", set);
    return set;
  }

  private Path other() {
    return folder.resolve("output-" + System.nanoTime());
  }

  /** What a command that succeeds warns of. */
  private static ListAssert<String> assertWarnings(Class<?> of, Callable<CommandRun> command)
      throws Exception {
    try (RecordedLog log = RecordedLog.of(of)) {
      CommandRun run = command.call();
      assertThat(run.err()).isEmpty();
      assertThat(run.status()).isZero();
      return assertThat(log.lines());
    }
  }
}
