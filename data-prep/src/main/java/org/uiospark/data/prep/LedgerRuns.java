package org.uiospark.data.prep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
import org.uiospark.model.input.NodeFailureException;

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
   * Makes sure that pages are what was committed. A machine may lack a mount, or have a stale one,
   * so one that sees a page damaged or not at all gives the task to another; where none sees it
   * whole, what the last one says ends the run.
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
        .foreach(page -> check(page, uri, settings.configuration()));
  }

  private static void check(Ledger page, String uri, Configuration configuration)
      throws IOException {
    try {
      new DocumentLedgers(uri, configuration).check(page);
    } catch (InvalidInputException e) {
      throw new NodeFailureException(e.getMessage(), e);
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
