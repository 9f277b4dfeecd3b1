package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.uiospark.jobs.evaluate.score.BleuCounts;
import org.uiospark.jobs.evaluate.score.RougeL;
import org.uiospark.jobs.evaluate.score.Words;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;
import org.uiospark.jobs.statistics.TokenMean;
import org.uiospark.model.estimator.KeyedRandom;

/**
 * Auto-encoding with memory and without (the paper's Table 1).
 *
 * @param withMemory from the memory
 * @param withoutMemory the same model without it
 * @param ratio tokens a memory token stands for
 * @param data URI of the held-out data set
 * @param dataFingerprint its fingerprint
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
record ReconstructionTable(
    @JsonProperty("with_memory") Row withMemory,
    @JsonProperty("without_memory") Row withoutMemory,
    int ratio,
    String data,
    @JsonProperty("data_fingerprint") String dataFingerprint,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter)
    implements SuiteResult {

  /**
   * One way to reconstruct.
   *
   * @param name for the table
   * @param tokens predicted, the right ones standing before each
   * @param accuracy share predicted right
   * @param accuracyInterval 95%, over sequences ({@link TokenMean})
   * @param cases segments generated, one a sequence
   * @param bleu4 corpus BLEU-4 of the generated words
   * @param bleu4Interval 95%, percentiles of 1000 resamplings of the segments
   * @param rougeL mean Rouge-L of the generated words
   * @param rougeLInterval 95%, over segments ({@link TokenMean})
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String name,
      long tokens,
      double accuracy,
      @JsonProperty("accuracy_interval") Interval accuracyInterval,
      int cases,
      @JsonProperty("bleu_4") double bleu4,
      @JsonProperty("bleu_4_interval") Interval bleu4Interval,
      @JsonProperty("rouge_l") double rougeL,
      @JsonProperty("rouge_l_interval") Interval rougeLInterval) {
    private static final int RESAMPLINGS = 1000;

    /**
     * Scores.
     *
     * @param decode tokens to text, whose words are compared
     * @param seed of the resampling
     */
    static Row of(
        String name,
        List<Reconstruction> cases,
        ToLongFunction<Reconstruction> right,
        Function<Reconstruction, int[]> generated,
        Function<int[], String> decode,
        long seed) {
      TokenMean accuracy =
          TokenMean.of(
              cases.stream().mapToDouble(right::applyAsLong).toArray(),
              cases.stream().mapToLong(Reconstruction::tokens).toArray());
      BleuCounts[] bleu = new BleuCounts[cases.size()];
      double[] rougeL = new double[cases.size()];
      for (int i = 0; i < bleu.length; i++) {
        List<String> candidate = Words.of(decode.apply(generated.apply(cases.get(i))));
        List<String> reference = Words.of(decode.apply(cases.get(i).segment()));
        bleu[i] = BleuCounts.of(candidate, reference);
        rougeL[i] = RougeL.of(candidate, reference);
      }
      TokenMean rouge = TokenMean.ofCases(rougeL);
      return new Row(
          name,
          accuracy.tokens(),
          accuracy.value(),
          accuracy.interval(),
          bleu.length,
          Arrays.stream(bleu).reduce(BleuCounts.none(), BleuCounts::plus).score(),
          resampled(bleu, seed),
          rouge.value(),
          rouge.interval());
    }

    private static Interval resampled(BleuCounts[] bleu, long seed) {
      if (bleu.length < 2) {
        return null;
      }
      double[] scores = new double[RESAMPLINGS];
      for (int i = 0; i < RESAMPLINGS; i++) {
        SplittableRandom random = KeyedRandom.of(seed, i, bleu.length);
        BleuCounts sum = BleuCounts.none();
        for (int j = 0; j < bleu.length; j++) {
          sum = sum.plus(bleu[random.nextInt(bleu.length)]);
        }
        scores[i] = sum.score();
      }
      Arrays.sort(scores);
      return new Interval(scores[RESAMPLINGS / 40], scores[RESAMPLINGS - 1 - RESAMPLINGS / 40]);
    }
  }

  @Override
  public String file() {
    return ResultFile.AUTO_ENCODING;
  }

  @Override
  public String text() {
    TextTable table = new TextTable();
    table.line(
        "%-12s %8s %25s %6s %25s %25s",
        "ae, 1:" + ratio,
        "tokens",
        "token accuracy [95%]",
        "cases",
        "BLEU-4 [95%]",
        "Rouge-L [95%]");
    for (Row row : List.of(withMemory, withoutMemory)) {
      table.line(
          "%-12s %8d %25s %6d %25s %25s",
          row.name(),
          row.tokens(),
          Interval.text(row.accuracy(), row.accuracyInterval(), 4),
          row.cases(),
          Interval.text(row.bleu4(), row.bleu4Interval(), 4),
          Interval.text(row.rougeL(), row.rougeLInterval(), 4));
    }
    return table.toString();
  }
}
