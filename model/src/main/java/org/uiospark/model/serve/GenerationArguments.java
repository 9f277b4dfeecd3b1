package org.uiospark.model.serve;

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

  GenerationArguments {
    if (maxNewTokens < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s %d is out of range: at least 1", MAX_NEW_TOKENS, maxNewTokens));
    }
  }

  static GenerationArguments of(Map<String, ?> arguments) {
    return new GenerationArguments(
        number(arguments, MAX_NEW_TOKENS, 128, Integer::valueOf),
        new Sampling(
            number(arguments, TEMPERATURE, 0.0, Double::valueOf),
            number(arguments, TOP_P, 1.0, Double::valueOf),
            number(arguments, SEED, 0L, Long::valueOf)),
        number(
            arguments,
            MEMORY_TOKENS,
            OptionalInt.empty(),
            written -> OptionalInt.of(Integer.parseInt(written))));
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
    String lines = of(Map.of()).asProperties();
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
