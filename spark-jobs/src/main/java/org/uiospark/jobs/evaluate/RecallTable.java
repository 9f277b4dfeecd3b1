package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.statistics.Interval;
import org.uiospark.jobs.statistics.TextTable;

/**
 * Share of right answers by task, length and depth, with Wilson's 95% interval.
 *
 * @param rows by task, then length, then depth
 * @param windowTokens tokens that the base model reads at once
 * @param books that things were hidden in; none: repeated sentences
 * @param seed of the cases
 * @param modelFingerprint base model
 * @param adapter URI of the adapter
 */
record RecallTable(
    List<Row> rows,
    @JsonProperty("window_tokens") int windowTokens,
    List<String> books,
    long seed,
    @JsonProperty("model_fingerprint") String modelFingerprint,
    String adapter)
    implements SuiteResult {

  /**
   * Cases of one task, length and depth.
   *
   * @param task what is hidden
   * @param contextTokens tokens of text, question and answer at most
   * @param depth share of the text before what is asked for
   * @param cases how many
   * @param memoryCorrect right answers with memory
   * @param memory their share
   * @param memoryInterval Wilson's
   * @param baseCorrect right answers of the base alone, on as much of the prompt as its window
   *     holds
   * @param base their share
   * @param baseInterval Wilson's
   * @param baseCut prompts whose beginning did not fit the window together with an answer
   */
  record Row(
      String task,
      @JsonProperty("context_tokens") int contextTokens,
      double depth,
      int cases,
      @JsonProperty("memory_correct") int memoryCorrect,
      double memory,
      @JsonProperty("memory_interval") Interval memoryInterval,
      @JsonProperty("base_correct") int baseCorrect,
      double base,
      @JsonProperty("base_interval") Interval baseInterval,
      @JsonProperty("base_cut") int baseCut) {
    static Row of(
        String task,
        int contextTokens,
        double depth,
        int cases,
        int withMemory,
        int base,
        int baseCut) {
      return new Row(
          task,
          contextTokens,
          depth,
          cases,
          withMemory,
          (double) withMemory / cases,
          Interval.wilson(withMemory, cases),
          base,
          (double) base / cases,
          Interval.wilson(base, cases),
          baseCut);
    }

    private String memoryText() {
      return Interval.text(memory, memoryInterval, 2);
    }

    private String baseText() {
      return Interval.text(base, baseInterval, 2);
    }

    private String baseReads() {
      return baseCut > 0 ? "base, truncated" : "base in its window";
    }
  }

  @Override
  public String file() {
    return ResultFile.RECALL;
  }

  /** Two lines a length, with memory and of the base; a column a depth, and all depths together. */
  @Override
  public String text() {
    TextTable table = new TextTable();
    List<Object> heads = new ArrayList<>(List.of("recall", "tokens", "read by"));
    rows.stream()
        .map(Row::depth)
        .distinct()
        .forEach(depth -> heads.add(String.format(Locale.ROOT, "depth %.2f [95%%]", depth)));
    heads.add("all [95%]");
    heads.add("cases");
    line(table, heads);
    Map<String, Map<Integer, List<Row>>> tasks =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    Row::task,
                    LinkedHashMap::new,
                    Collectors.groupingBy(
                        Row::contextTokens, LinkedHashMap::new, Collectors.toList())));
    tasks.forEach(
        (task, lengths) ->
            lengths.forEach(
                (length, depths) -> {
                  Row all = all(depths);
                  line(table, cells(all, "memory", depths, Row::memoryText));
                  line(table, cells(all, all.baseReads(), depths, Row::baseText));
                }));
    return table.toString();
  }

  private static Row all(List<Row> depths) {
    Row first = depths.get(0);
    return Row.of(
        first.task(),
        first.contextTokens(),
        0,
        sum(depths, Row::cases),
        sum(depths, Row::memoryCorrect),
        sum(depths, Row::baseCorrect),
        sum(depths, Row::baseCut));
  }

  private static int sum(List<Row> rows, ToIntFunction<Row> count) {
    return rows.stream().mapToInt(count).sum();
  }

  private static List<Object> cells(
      Row all, String reader, List<Row> depths, Function<Row, String> share) {
    List<Object> cells = new ArrayList<>(List.of(all.task(), all.contextTokens(), reader));
    depths.forEach(row -> cells.add(share.apply(row)));
    cells.add(share.apply(all));
    cells.add(all.cases());
    return cells;
  }

  /** Task, length and reader, as many shares as there are, the cases. */
  private static void line(TextTable table, List<Object> cells) {
    table.line("%-9s %9s %-18s" + " %19s".repeat(cells.size() - 4) + " %7s", cells.toArray());
  }
}
