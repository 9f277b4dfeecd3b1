package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.results.Versions;
import org.uiospark.jobs.task.Subject;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TrainedPositions;

/**
 * Runs suites, one after the other, each spread over sequences or cases as Spark tasks; the figures
 * are the same for any number of executors.
 */
public final class Evaluation {
  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  private final JavaSparkContext spark;
  private final EvaluateSettings settings;

  /**
   * @param session where the tasks run
   */
  public Evaluation(SparkSession session, EvaluateSettings settings) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.settings = settings;
  }

  /**
   * Evaluates; each result is written as soon as it is there, where an output was named.
   *
   * @return a result for each suite, in the order of the settings
   * @throws InvalidInputException if adapter, model, data and settings do not fit each other
   */
  public List<SuiteResult> run() {
    if (!settings.output().isEmpty()) {
      output().requireWritable();
    }
    List<SuiteResult> results = new ArrayList<>();
    int memoryTokens;
    try (Subject subject =
        Subject.open(spark, settings.model(), settings.adapter(), settings.memoryTokens())) {
      memoryTokens = subject.model().memoryTokens();
      // All of them are refused, if at all, before the first runs.
      List<Suite> suites = settings.suites().stream().map(name -> suite(name, subject)).toList();
      warnOfPositions(subject, suites);
      for (Suite suite : suites) {
        SuiteResult result = suite.run();
        if (!settings.output().isEmpty()) {
          ResultFile.write(output(), result.file(), new Measured(result, memoryTokens));
        }
        result.seconds().forEach(seconds -> LOG.info(seconds.text()));
        results.add(result);
      }
    }
    if (!settings.output().isEmpty()) {
      ResultFile.write(
          output(),
          ResultFile.EVALUATION,
          new EvaluationProvenance(
              settings,
              memoryTokens,
              Versions.with(spark.version()),
              results.stream().flatMap(result -> result.seconds().stream()).toList()));
      Report.writeAfterRun(output());
    }
    return results;
  }

  /** What a suite measured, as it is written: with the memory tokens of a segment. */
  record Measured(
      @JsonUnwrapped SuiteResult result, @JsonProperty("memory_tokens") int memoryTokens) {}

  private OutputFolder output() {
    return OutputFolder.of(settings.output(), spark.hadoopConfiguration());
  }

  private static void warnOfPositions(Subject subject, List<Suite> suites) {
    long longest = suites.stream().mapToLong(Suite::longestText).max().orElse(1);
    new TrainedPositions(subject.base().rotary().maxPositions(), subject.model().segments())
        .warning("The longest text that is read", longest)
        .ifPresent(LOG::warn);
  }

  private Suite suite(String name, Subject subject) {
    return switch (name) {
      case "ppl" -> new PerplexitySuite(subject, settings);
      case "recall" -> new RecallSuite(subject, settings);
      case "ae" -> new ReconstructionSuite(subject, settings);
      case "qa" -> new QaSuite(subject, settings);
      default -> throw new IllegalArgumentException(name);
    };
  }
}
