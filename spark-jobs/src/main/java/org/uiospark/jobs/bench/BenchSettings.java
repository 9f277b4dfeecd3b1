package org.uiospark.jobs.bench;

import java.util.List;
import java.util.Locale;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What {@code bench} measures.
 *
 * @param model directory of the base model, empty for a random one
 * @param random shape of the random model
 * @param segments segment length and memory tokens
 * @param rank LoRA rank
 * @param alpha LoRA alpha
 * @param lengths segments a sequence, at least two each
 * @param estimators names of estimators, {@link #FLAT} behind those that keep no encoder graph
 * @param window segments of {@code tbptt} and {@code unbiased}
 * @param samples segments that {@code sampled} draws
 * @param seed what tokens, weights and draws follow from
 * @param tasks tasks at once, 0 for as many as Spark says it runs
 * @param batch sequences a step, 0 for one a task
 * @param runs sequences that a thread measures in process, 0 for none
 * @param steps steps measured through Spark, 0 for none
 * @param warmup sequences or steps before those that are measured
 */
public record BenchSettings(
    String model,
    LlamaConfig random,
    SegmentSettings segments,
    int rank,
    double alpha,
    List<Integer> lengths,
    List<String> estimators,
    int window,
    int samples,
    long seed,
    int tasks,
    int batch,
    int runs,
    int steps,
    int warmup) {
  /** Ends the name of a variant that encodes every segment again and keeps no graph. */
  public static final String FLAT = "-flat";

  /** Reads and checks the section {@code bench}. */
  public static BenchSettings of(Settings settings) {
    BenchSettings bench =
        new BenchSettings(
            settings.text("bench.model"),
            random(settings),
            TrainSettings.segments(settings, "bench"),
            settings.integer("bench.rank"),
            settings.number("bench.alpha"),
            settings.integers("bench.segments"),
            settings.names("bench.estimators"),
            settings.integer("bench.window"),
            settings.integer("bench.samples"),
            settings.whole("bench.seed"),
            settings.integer("bench.tasks"),
            settings.integer("bench.batch"),
            settings.integer("bench.runs"),
            settings.integer("bench.steps"),
            settings.integer("bench.warmup"));
    if (bench.runs + bench.steps == 0) {
      throw new InvalidInputException(
          "bench.runs and bench.steps are both 0, so nothing is measured; raise one of them");
    }
    if (bench.model.isEmpty()) {
      AdapterShape.of(bench.random, bench.rank, bench.alpha);
    }
    return bench;
  }

  private static LlamaConfig random(Settings settings) {
    int hidden = settings.integer("bench.hidden");
    int heads = settings.integer("bench.heads");
    if (hidden % (2 * heads) != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "bench.hidden %d is not divisible by bench.heads %d into heads of even size",
              hidden,
              heads));
    }
    int kvHeads = settings.integer("bench.kv-heads");
    if (heads % kvHeads != 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "bench.kv-heads %d does not divide bench.heads %d", kvHeads, heads));
    }
    return new LlamaConfig(
        hidden,
        settings.integer("bench.ffn"),
        settings.integer("bench.layers"),
        heads,
        kvHeads,
        hidden / heads,
        settings.integer("bench.vocab"),
        1e-5,
        10_000,
        4096,
        false,
        1,
        List.of(2));
  }
}
