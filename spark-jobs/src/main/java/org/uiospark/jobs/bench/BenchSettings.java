package org.uiospark.jobs.bench;

import java.util.List;
import java.util.Locale;
import org.uiospark.jobs.settings.AdapterSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;

/**
 * What {@code bench} measures.
 *
 * @param adapter base model, whose directory is empty for a random one, and shape of the adapter
 * @param random shape of the random model
 * @param lengths segments a sequence, at least two each
 * @param estimators what is compared
 * @param seed what tokens, weights and draws follow from
 * @param tasks tasks at once, 0 for as many as Spark says it runs
 * @param batch sequences a step, 0 for one a task
 * @param collectBytes as {@code train.collect-size}
 * @param repeats how often everything is measured
 */
public record BenchSettings(
    AdapterSettings adapter,
    LlamaConfig random,
    List<Integer> lengths,
    Estimators estimators,
    long seed,
    int tasks,
    int batch,
    long collectBytes,
    Repeats repeats) {
  /** Ends the name of a variant that encodes every segment again and keeps no graph. */
  public static final String FLAT = "-flat";

  /**
   * The estimators that are compared.
   *
   * @param names of them, {@link #FLAT} behind those that keep no encoder graph
   * @param window segments of {@code tbptt} and {@code unbiased}
   * @param samples segments that {@code sampled} draws
   */
  public record Estimators(List<String> names, int window, int samples) {}

  /**
   * How often everything is measured.
   *
   * @param runs sequences that a thread measures in process, 0 for none
   * @param steps steps measured through Spark, 0 for none
   * @param warmup sequences or steps before those that are measured
   */
  public record Repeats(int runs, int steps, int warmup) {

    /** Refuses to measure nothing. */
    public Repeats {
      if (runs + steps == 0) {
        throw new InvalidInputException(
            "bench.runs and bench.steps are both 0, so nothing is measured; raise one of them");
      }
    }
  }

  /** Reads and checks the section {@code bench}. */
  public static BenchSettings of(Settings settings) {
    BenchSettings bench =
        new BenchSettings(
            AdapterSettings.of(settings, "bench"),
            random(settings),
            settings.integers("bench.segments"),
            new Estimators(
                settings.names("bench.estimators"),
                settings.integer("bench.window"),
                settings.integer("bench.samples")),
            settings.whole("bench.seed"),
            settings.integer("bench.tasks"),
            settings.integer("bench.batch"),
            settings.bytes("bench.collect-size"),
            new Repeats(
                settings.integer("bench.runs"),
                settings.integer("bench.steps"),
                settings.integer("bench.warmup")));
    if (bench.isOfRandomModel()) {
      bench.adapter.shape(bench.random);
    }
    return bench;
  }

  /** Whether the base model is drawn for the measurement. */
  boolean isOfRandomModel() {
    return adapter.model().isEmpty();
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
        1e-5,
        AttentionConfig.plain(heads, kvHeads, hidden / heads),
        RotaryConfig.unscaled(10_000, 4096),
        new VocabularyConfig(settings.integer("bench.vocab"), false, 1, List.of(2)));
  }
}
