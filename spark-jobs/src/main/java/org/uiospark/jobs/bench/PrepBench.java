package org.uiospark.jobs.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.prep.CorpusTexts;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;

/**
 * Times prep, from its start to its commit, and the tokenizer alone over the same documents, read
 * before, with as many threads as Spark runs tasks. The tokenizer gets each document in the pieces
 * that prep makes, in turn with prep, and once, before, whole; the faster way counts.
 */
public final class PrepBench {
  private final SparkSession spark;
  private final BenchPrepSettings settings;
  private final int threads;

  /** One measurement. */
  private record Run(long tokens, double seconds, double cpuSeconds) {
    double speed() {
      return tokens / seconds;
    }
  }

  /** Ways to encode a document; returns the number of tokens. */
  @FunctionalInterface
  private interface Encoder {
    long encode(String document) throws IOException;
  }

  /**
   * @throws InvalidInputException if Spark runs its tasks in other JVMs: threads are compared
   */
  public PrepBench(SparkSession spark, BenchPrepSettings settings) {
    if (!spark.sparkContext().isLocal()) {
      throw new InvalidInputException(
          "bench-prep compares the threads of one JVM; use --master local[N]");
    }
    this.spark = spark;
    this.settings = settings;
    this.threads = spark.sparkContext().defaultParallelism();
  }

  /** Measures; the result in JSON. */
  public String run() {
    new PrepJob(spark, settings.prep()).requireInput();
    List<Run> prep = new ArrayList<>();
    List<Run> pieces = new ArrayList<>();
    List<Run> whole = new ArrayList<>();
    List<String> documents = documents();
    if (documents.isEmpty()) {
      throw new InvalidInputException(
          "no text in "
              + String.join(", ", settings.prep().inputs())
              + " for the bare tokenizer; name files that hold some");
    }
    try (TextTokenizer tokenizer = TextTokenizer.load(Path.of(settings.prep().tokenizer()))) {
      PieceEncoder encoder = new PieceEncoder(tokenizer);
      whole.add(bare(documents, text -> tokenizer.encode(text).length));
      for (int i = 0; i < settings.repeats(); i++) {
        prep.add(prepare(i));
        pieces.add(
            bare(documents, text -> encoder.encode(new StringReader(text), "document", ids -> {})));
      }
    }
    double fastest = Math.max(median(pieces), median(whole));
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("threads", threads).put("documents", documents.size());
    json.put("prep_tokens_per_second", Math.round(median(prep)));
    json.put("tokenizer_tokens_per_second", Math.round(fastest));
    json.put("ratio", rounded(median(prep) / fastest));
    write(json.putObject("prep"), prep);
    write(json.putObject("tokenizer_on_pieces"), pieces);
    write(json.putObject("tokenizer_on_documents"), whole);
    return json.toPrettyString();
  }

  private Run prepare(int number) {
    double cpu = cpuSeconds();
    PrepSettings prep = settings.prep();
    PrepSummary summary = new PrepJob(spark, prep.withOutput(prep.output() + "/" + number)).run();
    return new Run(summary.tokens(), summary.seconds(), cpuSeconds() - cpu);
  }

  /** The longest first, as prep does. */
  private List<String> documents() {
    List<String> documents =
        CorpusTexts.read(settings.prep(), spark.sparkContext().hadoopConfiguration());
    documents.sort(Comparator.comparingInt(String::length).reversed());
    return documents;
  }

  private Run bare(List<String> documents, Encoder encoder) {
    AtomicInteger next = new AtomicInteger();
    Callable<Long> work =
        () -> {
          long tokens = 0;
          for (int i = next.getAndIncrement(); i < documents.size(); i = next.getAndIncrement()) {
            tokens += encoder.encode(documents.get(i));
          }
          return tokens;
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Long>> works = Collections.nCopies(threads, work);
      double cpu = cpuSeconds();
      long started = System.nanoTime();
      long tokens = 0;
      for (Future<Long> done : pool.invokeAll(works)) {
        tokens += done.get();
      }
      return new Run(tokens, (System.nanoTime() - started) / 1e9, cpuSeconds() - cpu);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new UncheckedIOException(new IOException(e.getCause()));
    } finally {
      pool.shutdownNow();
    }
  }

  /** CPU time of the whole JVM, which hardly depends on what else the machine does. */
  private static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  private static double median(List<Run> runs) {
    return new Median().evaluate(runs.stream().mapToDouble(Run::speed).toArray());
  }

  private static void write(ObjectNode json, List<Run> runs) {
    json.put("tokens", runs.get(0).tokens());
    ArrayNode seconds = json.putArray("seconds");
    runs.forEach(run -> seconds.add(rounded(run.seconds())));
    ArrayNode cpu = json.putArray("cpu_seconds");
    runs.forEach(run -> cpu.add(rounded(run.cpuSeconds())));
  }

  private static double rounded(double value) {
    return Math.round(1000 * value) / 1000.0;
  }
}
