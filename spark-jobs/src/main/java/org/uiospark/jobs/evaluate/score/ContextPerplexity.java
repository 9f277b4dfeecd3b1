package org.uiospark.jobs.evaluate.score;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.uiospark.jobs.statistics.TokenMean;

/**
 * Perplexity of the first {@code contextTokens} tokens of held-out sequences. Intervals are of 95%,
 * over sequences, of the mean loss of a token ({@link TokenMean}), taken to perplexity; absent
 * where there is one sequence only.
 *
 * @param contextTokens length of the text that is read, in tokens
 * @param sequences sequences that are at least as long
 * @param withMemory each segment with the memories of all earlier ones
 * @param withoutMemory each segment alone
 * @param nativeWindow each segment after as much text as the base model's window holds
 * @param truncated the base model on the text truncated to its window, so on fewer tokens where the
 *     text is longer; of no tokens where none of those is predicted
 * @param gain share by which memory lowers perplexity, {@code 1 - withMemory / withoutMemory},
 *     paired by sequence
 */
public record ContextPerplexity(
    int contextTokens,
    int sequences,
    TokenMean withMemory,
    TokenMean withoutMemory,
    TokenMean nativeWindow,
    TokenMean truncated,
    TokenMean gain) {

  /** The tokens that are predicted. */
  public long labels() {
    return withMemory.tokens();
  }

  /**
   * The fields in JSON: an interval stands beside its figure, and one that is absent is left out.
   */
  @JsonValue
  Map<String, Object> json() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("context_tokens", contextTokens);
    fields.put("sequences", sequences);
    fields.put("labels", labels());
    withMemory.into(fields, "with_memory");
    withoutMemory.into(fields, "without_memory");
    nativeWindow.into(fields, "native_window");
    if (truncated.tokens() > 0) {
      truncated.into(fields, "truncated");
    }
    fields.put("truncated_labels", truncated.tokens());
    gain.into(fields, "gain");
    return fields;
  }

  /**
   * Adds up, in the order of the list, the segments that make up the first tokens.
   *
   * @param window tokens that the base model reads at once
   */
  public static ContextPerplexity of(
      int contextTokens, int segmentLength, int window, List<SequenceScores> scores) {
    List<SequenceScores> whole =
        scores.stream().filter(score -> score.tokens() >= contextTokens).toList();
    return new Means(contextTokens / segmentLength, whole)
        .row(contextTokens, Math.max(1, Math.min(contextTokens, window) / segmentLength));
  }

  /** Mean losses over the first segments of some sequences. */
  private record Means(int segments, List<SequenceScores> scores) {
    ContextPerplexity row(int contextTokens, int segmentsInWindow) {
      return new ContextPerplexity(
          contextTokens,
          scores.size(),
          perplexity(segments, SequenceScores::withMemory),
          perplexity(segments, SequenceScores::withoutMemory),
          perplexity(segments, SequenceScores::nativeWindow),
          perplexity(segmentsInWindow, SequenceScores::nativeWindow),
          gain());
    }

    private TokenMean perplexity(int first, Function<SequenceScores, double[]> losses) {
      double[] sums = new double[scores.size()];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = sum(losses.apply(scores.get(i)), first);
      }
      return TokenMean.of(sums, labels(first)).map(Math::exp);
    }

    private TokenMean gain() {
      double[] saved = new double[scores.size()];
      for (int i = 0; i < saved.length; i++) {
        saved[i] =
            sum(scores.get(i).withoutMemory(), segments)
                - sum(scores.get(i).withMemory(), segments);
      }
      return TokenMean.of(saved, labels(segments)).map(nats -> -Math.expm1(-nats));
    }

    private long[] labels(int first) {
      return scores.stream()
          .mapToLong(score -> Arrays.stream(score.labels(), 0, first).sum())
          .toArray();
    }

    private static double sum(double[] losses, int first) {
      double sum = 0;
      for (int t = 0; t < first; t++) {
        sum += losses[t];
      }
      return sum;
    }
  }
}
