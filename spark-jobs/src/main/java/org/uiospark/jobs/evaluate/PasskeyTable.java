package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.uiospark.jobs.report.ResultFile;
import org.uiospark.jobs.statistics.Interval;

/**
 * Accuracy of passkey retrieval by length and depth, with Wilson's 95% interval.
 *
 * @param cells by length, then depth
 * @param seed of the keys
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
record PasskeyTable(
    List<Cell> cells,
    long seed,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter)
    implements SuiteResult {

  /**
   * Prompts of one length and depth.
   *
   * @param length tokens of a prompt
   * @param depth share of the filler before the key
   * @param cases prompts
   * @param correct answers whose first number is the key
   * @param accuracy their share
   * @param interval Wilson's
   */
  record Cell(
      int length, double depth, int cases, int correct, double accuracy, Interval interval) {
    static Cell of(int length, double depth, int cases, int correct) {
      return new Cell(
          length, depth, cases, correct, (double) correct / cases, Interval.wilson(correct, cases));
    }

    private String text() {
      return String.format(Locale.ROOT, "%.2f ", accuracy) + Interval.text(interval, 2);
    }
  }

  @Override
  public String file() {
    return ResultFile.PASSKEY;
  }

  /** A line a length, a column a depth, and all depths together. */
  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    List<Double> depths = cells.stream().map(Cell::depth).distinct().toList();
    text.append(String.format(Locale.ROOT, "%9s", "passkey"));
    depths.forEach(depth -> column(text, String.format(Locale.ROOT, "depth %.2f [95%%]", depth)));
    column(text, "all [95%]");
    text.append(String.format(Locale.ROOT, " %7s%n", "cases"));
    cells.stream()
        .collect(Collectors.groupingBy(Cell::length, LinkedHashMap::new, Collectors.toList()))
        .forEach((length, row) -> line(text, length, row));
    return text.toString();
  }

  private static void line(StringBuilder text, int length, List<Cell> row) {
    text.append(String.format(Locale.ROOT, "%9d", length));
    row.forEach(cell -> column(text, cell.text()));
    int cases = row.stream().mapToInt(Cell::cases).sum();
    int correct = row.stream().mapToInt(Cell::correct).sum();
    column(text, Cell.of(length, 0, cases, correct).text());
    text.append(String.format(Locale.ROOT, " %7d%n", cases));
  }

  private static void column(StringBuilder text, String value) {
    text.append(String.format(Locale.ROOT, " %19s", value));
  }
}
