package org.uiospark.data.prep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.model.input.InvalidInputException;

/** Reads and writes the lists of documents as Spark tasks, a page each. */
final class LedgerRuns {
  private final JavaSparkContext context;
  private final String output;
  private final HadoopSettings hadoop;

  /**
   * @param output directory of the data set
   */
  LedgerRuns(SparkSession spark, String output) {
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.output = output;
    this.hadoop = HadoopSettings.of(spark.sparkContext().hadoopConfiguration());
  }

  /**
   * Makes sure that pages are what was committed.
   *
   * @throws InvalidInputException if one is damaged or missing
   */
  void check(List<Ledger> pages) {
    if (pages.isEmpty()) {
      return;
    }
    // Fields would take this object along, which no task can have.
    String uri = output;
    HadoopSettings settings = hadoop;
    context
        .parallelize(pages, pages.size())
        .map(page -> fault(page, uri, settings.configuration()))
        .collect()
        .stream()
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(
            fault -> {
              throw new InvalidInputException(fault);
            });
  }

  /** What is wrong with a page, which trying again would not mend; null if nothing is. */
  private static String fault(Ledger page, String uri, Configuration configuration)
      throws IOException {
    try {
      new DocumentLedgers(uri, configuration).check(page);
      return null;
    } catch (InvalidInputException e) {
      return e.getMessage();
    }
  }

  /**
   * Joins the lists of shards into pages.
   *
   * @param results one a shard, in the order of the input
   * @param work folder of the run, where they are written
   */
  List<Move> pages(int generation, List<ShardResult> results, Path work) {
    List<List<String>> packed = packed(results);
    String uri = output;
    HadoopSettings settings = hadoop;
    String folder = work.toString();
    List<Integer> numbers = IntStream.range(0, packed.size()).boxed().toList();
    return context
        .parallelize(numbers, numbers.size())
        .map(
            page ->
                new DocumentLedgers(uri, settings.configuration())
                    .page(
                        DocumentLedgers.pageName(generation, page, packed.size()),
                        packed.get(page),
                        new Path(folder)))
        .collect();
  }

  /** Neighbours up to the size of a page. */
  private static List<List<String>> packed(List<ShardResult> results) {
    List<List<String>> packed = new ArrayList<>();
    long bytes = 0;
    for (ShardResult result : results) {
      if (packed.isEmpty() || bytes + result.ledgerBytes > DocumentLedgers.PAGE) {
        packed.add(new ArrayList<>());
        bytes = 0;
      }
      packed.get(packed.size() - 1).add(result.ledgerPath);
      bytes += result.ledgerBytes;
    }
    return packed;
  }
}
