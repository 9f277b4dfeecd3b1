package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.uiospark.jobs.evaluate.score.RougeL;
import org.uiospark.jobs.evaluate.score.Words;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;
import org.uiospark.jobs.statistics.TokenMean;

/**
 * F1 and Rouge-L of answers, means over cases with Student's 95% interval ({@link TokenMean}).
 *
 * @param rows a row a dataset, then one of all where there are several
 * @param files what was asked
 * @param maxPrompt tokens of the longest prompt
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
record QaTable(
    List<Row> rows,
    List<String> files,
    @JsonProperty("max_prompt") int maxPrompt,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter)
    implements SuiteResult {

  /** Datasets whose answer is the first line, as LongBench has it. */
  private static final Set<String> FIRST_LINE = Set.of("trec", "triviaqa", "samsum", "lsht");

  /**
   * One answer.
   *
   * @param dataset what it belongs to
   * @param f1 of normalized words, the best over the right answers
   * @param rougeL of words as they are, the best over the right answers
   * @param cut whether the prompt lost its middle
   */
  record Scored(String dataset, double f1, double rougeL, boolean cut) {
    static Scored of(QaExample example, String answer, boolean cut) {
      String given =
          FIRST_LINE.contains(example.dataset()) ? answer.strip().split("\n", 2)[0] : answer;
      double f1 = 0;
      double rougeL = 0;
      for (String right : example.answers()) {
        f1 = Math.max(f1, Words.f1(Words.normalized(given), Words.normalized(right)));
        rougeL = Math.max(rougeL, RougeL.of(Words.of(given), Words.of(right)));
      }
      return new Scored(example.dataset(), f1, rougeL, cut);
    }
  }

  /**
   * One dataset.
   *
   * @param dataset its name
   * @param cases questions
   * @param cut prompts that lost their middle
   * @param f1 mean F1
   * @param f1Interval its interval
   * @param rougeL mean Rouge-L
   * @param rougeLInterval its interval
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String dataset,
      int cases,
      long cut,
      double f1,
      @JsonProperty("f1_interval") Interval f1Interval,
      @JsonProperty("rouge_l") double rougeL,
      @JsonProperty("rouge_l_interval") Interval rougeLInterval) {
    private static Row of(String dataset, List<Scored> scored) {
      TokenMean f1 = mean(scored, Scored::f1);
      TokenMean rougeL = mean(scored, Scored::rougeL);
      return new Row(
          dataset,
          scored.size(),
          scored.stream().filter(Scored::cut).count(),
          f1.value(),
          f1.interval(),
          rougeL.value(),
          rougeL.interval());
    }

    private static TokenMean mean(List<Scored> scored, ToDoubleFunction<Scored> figure) {
      return TokenMean.ofCases(scored.stream().mapToDouble(figure).toArray());
    }
  }

  static QaTable of(
      List<Scored> scored, QaSettings settings, String modelFingerprint, String adapter) {
    List<Row> rows = new ArrayList<>();
    List<String> datasets = scored.stream().map(Scored::dataset).distinct().toList();
    for (String dataset : datasets) {
      rows.add(Row.of(dataset, scored.stream().filter(s -> s.dataset().equals(dataset)).toList()));
    }
    if (datasets.size() > 1) {
      rows.add(Row.of("all", scored));
    }
    return new QaTable(rows, settings.files(), settings.maxPrompt(), modelFingerprint, adapter);
  }

  @Override
  public String file() {
    return ResultFile.QUESTIONS;
  }

  @Override
  public String text() {
    TextTable table = new TextTable();
    table.line("%-24s %7s %5s %25s %25s", "qa", "cases", "cut", "F1 [95%]", "Rouge-L [95%]");
    for (Row row : rows) {
      table.line(
          "%-24s %7d %5d %25s %25s",
          row.dataset(),
          row.cases(),
          row.cut(),
          Interval.text(row.f1(), row.f1Interval(), 4),
          Interval.text(row.rougeL(), row.rougeLInterval(), 4));
    }
    return table.toString();
  }
}
