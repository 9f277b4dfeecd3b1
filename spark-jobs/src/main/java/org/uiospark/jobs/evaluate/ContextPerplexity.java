package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * Perplexity of the first {@code contextTokens} tokens of held-out sequences.
 *
 * @param contextTokens length of the text that is read, in tokens
 * @param sequences sequences that are at least as long
 * @param labels tokens predicted
 * @param withMemory each segment with the memories of all earlier ones
 * @param withoutMemory each segment alone
 * @param nativeWindow each segment after as much text as the base model's window holds
 */
record ContextPerplexity(
    @JsonProperty("context_tokens") int contextTokens,
    int sequences,
    long labels,
    @JsonProperty("with_memory") double withMemory,
    @JsonProperty("without_memory") double withoutMemory,
    @JsonProperty("native_window") double nativeWindow) {

  /** Adds up, in the order of the list, the segments that make up the first tokens. */
  static ContextPerplexity of(int contextTokens, int segmentLength, List<SequenceScores> scores) {
    int segments = contextTokens / segmentLength;
    int sequences = 0;
    long labels = 0;
    double memory = 0;
    double alone = 0;
    double window = 0;
    for (SequenceScores score : scores) {
      if (score.tokens() < contextTokens) {
        continue;
      }
      sequences++;
      for (int t = 0; t < segments; t++) {
        labels += score.labels()[t];
        memory += score.withMemory()[t];
        alone += score.withoutMemory()[t];
        window += score.nativeWindow()[t];
      }
    }
    return new ContextPerplexity(
        contextTokens,
        sequences,
        labels,
        Math.exp(memory / labels),
        Math.exp(alone / labels),
        Math.exp(window / labels));
  }
}
