package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;

/**
 * Accuracy of passkey retrieval by length and depth, with Wilson's 95% interval.
 *
 * @param rows by length, then depth
 * @param seed of the keys
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
record PasskeyTable(
    List<Row> rows,
    long seed,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter)
    implements SuiteResult {

  /**
   * Prompts of one length and depth.
   *
   * @param contextTokens tokens of a prompt
   * @param depth share of the filler before the key
   * @param cases prompts
   * @param correct answers whose first number is the key
   * @param accuracy their share
   * @param accuracyInterval Wilson's
   */
  record Row(
      @JsonProperty("context_tokens") int contextTokens,
      double depth,
      int cases,
      int correct,
      double accuracy,
      @JsonProperty("accuracy_interval") Interval accuracyInterval) {
    static Row of(int contextTokens, double depth, int cases, int correct) {
      return new Row(
          contextTokens,
          depth,
          cases,
          correct,
          (double) correct / cases,
          Interval.wilson(correct, cases));
    }

    private String text() {
      return Interval.text(accuracy, accuracyInterval, 2);
    }
  }

  @Override
  public String file() {
    return ResultFile.PASSKEY;
  }

  /** A line a length, a column a depth, and all depths together. */
  @Override
  public String text() {
    TextTable table = new TextTable();
    List<Object> heads = new ArrayList<>(List.of("passkey"));
    rows.stream()
        .map(Row::depth)
        .distinct()
        .forEach(depth -> heads.add(String.format(Locale.ROOT, "depth %.2f [95%%]", depth)));
    heads.add("all [95%]");
    heads.add("cases");
    line(table, heads);
    rows.stream()
        .collect(Collectors.groupingBy(Row::contextTokens, LinkedHashMap::new, Collectors.toList()))
        .forEach((length, depths) -> line(table, cells(length, depths)));
    return table.toString();
  }

  private static List<Object> cells(int length, List<Row> depths) {
    int cases = depths.stream().mapToInt(Row::cases).sum();
    int correct = depths.stream().mapToInt(Row::correct).sum();
    List<Object> cells = new ArrayList<>(List.of(length));
    depths.forEach(row -> cells.add(row.text()));
    cells.add(Row.of(length, 0, cases, correct).text());
    cells.add(cases);
    return cells;
  }

  /** The length, as many accuracies as there are, the cases. */
  private static void line(TextTable table, List<Object> cells) {
    table.line("%9s" + " %19s".repeat(cells.size() - 2) + " %7s", cells.toArray());
  }
}
