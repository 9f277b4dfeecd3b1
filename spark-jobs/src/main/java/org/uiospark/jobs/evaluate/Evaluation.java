package org.uiospark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.results.Versions;
import org.uiospark.jobs.task.Subject;
import org.uiospark.model.input.InvalidInputException;

/**
 * Runs suites, one after the other, each spread over sequences or cases as Spark tasks; the figures
 * are the same for any number of executors.
 */
public final class Evaluation {
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
    try (Subject subject = Subject.open(spark, settings.model(), settings.adapter())) {
      // All of them are refused, if at all, before the first runs.
      List<Supplier<SuiteResult>> suites =
          settings.suites().stream().map(name -> suite(name, subject)).toList();
      for (Supplier<SuiteResult> suite : suites) {
        SuiteResult result = suite.get();
        if (!settings.output().isEmpty()) {
          ResultFile.write(output(), result.file(), result);
        }
        results.add(result);
      }
    }
    if (!settings.output().isEmpty()) {
      ResultFile.write(
          output(),
          ResultFile.EVALUATION,
          new EvaluationProvenance(settings, Versions.with(spark.version())));
      Report.writeAfterRun(output());
    }
    return results;
  }

  private OutputFolder output() {
    return OutputFolder.of(settings.output(), spark.hadoopConfiguration());
  }

  private Supplier<SuiteResult> suite(String name, Subject subject) {
    return switch (name) {
      case "ppl" -> new PerplexitySuite(subject, settings)::run;
      case "passkey" -> new PasskeySuite(subject, settings)::run;
      case "ae" -> new ReconstructionSuite(subject, settings)::run;
      case "qa" -> new QaSuite(subject, settings)::run;
      default -> throw new IllegalArgumentException(name);
    };
  }
}
