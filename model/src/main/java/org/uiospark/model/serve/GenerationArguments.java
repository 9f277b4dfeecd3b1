package org.uiospark.model.serve;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.segment.SegmentRatios;

/**
 * How a served model continues a text, from DJL's arguments: numbers, or texts of them.
 *
 * @param maxNewTokens limit of a continuation, at least 1
 * @param sampling how a token is chosen; each continuation starts from the seed anew
 * @param memoryTokens memory tokens a segment, of those that the adapter was trained for; empty for
 *     the most
 */
record GenerationArguments(int maxNewTokens, Sampling sampling, OptionalInt memoryTokens) {
  private static final String MAX_NEW_TOKENS = "max_new_tokens";
  private static final String TEMPERATURE = "temperature";
  private static final String TOP_P = "top_p";
  private static final String SEED = "seed";
  private static final String MEMORY_TOKENS = "memory_tokens";
  private static final GenerationArguments DEFAULTS =
      new GenerationArguments(128, Sampling.GREEDY, OptionalInt.empty());

  /** Those that may differ from text to text. */
  static final List<String> OF_A_TEXT = List.of(MAX_NEW_TOKENS, TEMPERATURE, TOP_P, SEED);

  GenerationArguments {
    if (maxNewTokens < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s %d is out of range: at least 1", MAX_NEW_TOKENS, maxNewTokens));
    }
  }

  static GenerationArguments of(Map<String, ?> arguments) {
    return DEFAULTS.with(arguments);
  }

  /** What {@code given} says, and else what these say. */
  GenerationArguments with(Map<String, ?> given) {
    return new GenerationArguments(
        number(given, MAX_NEW_TOKENS, maxNewTokens, Integer::valueOf),
        new Sampling(
            number(given, TEMPERATURE, sampling.temperature(), Double::valueOf),
            number(given, TOP_P, sampling.topP(), Double::valueOf),
            number(given, SEED, sampling.seed(), Long::valueOf)),
        number(
            given,
            MEMORY_TOKENS,
            memoryTokens,
            written -> OptionalInt.of(Integer.parseInt(written))));
  }

  /**
   * What a block is told of one text: limit and seed {@code [2]}, int64, and temperature and top-p
   * {@code [2]}, float64.
   */
  NDList ofAText(NDManager manager) {
    return new NDList(
        manager.create(new long[] {maxNewTokens, sampling.seed()}),
        manager.create(new double[] {sampling.temperature(), sampling.topP()}));
  }

  /** What {@link #ofAText} told, and else what these say. */
  GenerationArguments with(NDArray limitAndSeed, NDArray temperatureAndTopP) {
    long[] whole = limitAndSeed.toLongArray();
    double[] fractions = temperatureAndTopP.toDoubleArray();
    return new GenerationArguments(
        Math.toIntExact(whole[0]),
        new Sampling(fractions[0], fractions[1], whole[1]),
        memoryTokens);
  }

  private static <T> T number(
      Map<String, ?> arguments, String key, T unless, Function<String, T> parse) {
    Object value = arguments.get(key);
    if (value == null) {
      return unless;
    }
    try {
      return parse.apply(value.toString().strip());
    } catch (NumberFormatException e) {
      String kind = unless instanceof Double ? "number" : "whole number";
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s '%s' is no %s", key, value, kind), e);
    }
  }

  /** The defaults as lines of a properties file; of one ratio there is nothing to choose. */
  static String defaults(SegmentRatios ratios) {
    String lines = DEFAULTS.asProperties();
    return ratios.memoryTokens().size() == 1
        ? lines
        : String.format(
            Locale.ROOT,
            "%s# One of %s; fewer compress more.\n%s=%d\n",
            lines,
            ratios.text(),
            MEMORY_TOKENS,
            ratios.most().memoryTokens());
  }

  private String asProperties() {
    return String.format(
        Locale.ROOT,
        "%s=%d\n%s=%s\n%s=%s\n%s=%d\n",
        MAX_NEW_TOKENS,
        maxNewTokens,
        TEMPERATURE,
        sampling.temperature(),
        TOP_P,
        sampling.topP(),
        SEED,
        sampling.seed());
  }
}
