package org.uiospark.jobs.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.jobs.task.HeldOutData;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.InvalidInputException;

/**
 * Estimators against the exact gradient over a data set (the paper's Table 4 and Figure 7), a Spark
 * task a sequence. All but the times is the same for any number of executors.
 */
public final class DataAudit {
  private final JavaSparkContext spark;
  private final DataAuditSettings settings;

  /**
   * @param session where the tasks run
   */
  public DataAudit(SparkSession session, DataAuditSettings settings) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.settings = settings;
  }

  /**
   * Compares, and writes {@link ResultFile#AUDIT} where an output was named.
   *
   * @throws InvalidInputException if adapter, model and data set do not fit each other, or a
   *     sequence has no gradient to compare with
   */
  public AuditTable run() {
    if (!settings.output().isEmpty()) {
      output().requireWritable();
    }
    List<AuditVariant> variants = new ArrayList<>();
    for (int window : settings.windows()) {
      AuditVariant.ESTIMATORS.forEach(name -> variants.add(new AuditVariant(name, window)));
    }
    try (Subject subject = Subject.open(spark, settings.model(), settings.adapter())) {
      SequenceDataSet data = HeldOutData.open(subject, settings.data());
      List<SequenceAudit.Figures> figures =
          subject.each(
              HeldOutData.spread(data, settings.sequences()),
              new SequenceAudit(
                  TaskData.of(data, spark.hadoopConfiguration()),
                  variants,
                  settings.repeats(),
                  settings.seed()));
      AuditTable table = table(variants, figures, data, subject);
      if (!settings.output().isEmpty()) {
        ResultFile.write(output(), ResultFile.AUDIT, table);
      }
      return table;
    }
  }

  private OutputFolder output() {
    return OutputFolder.of(settings.output(), spark.hadoopConfiguration());
  }

  private AuditTable table(
      List<AuditVariant> variants,
      List<SequenceAudit.Figures> figures,
      SequenceDataSet data,
      Subject subject) {
    List<AuditTable.Row> rows = new ArrayList<>();
    for (int i = 0; i < variants.size(); i++) {
      int variant = i;
      rows.add(
          new AuditTable.Row(
              variants.get(i), figures.stream().map(f -> f.variants().get(variant)).toList()));
    }
    return new AuditTable(
        rows,
        figures.size(),
        settings.repeats(),
        mean(figures, SequenceAudit.Figures::exactFlops) / 1e9,
        mean(figures, SequenceAudit.Figures::exactSeconds),
        mean(figures, SequenceAudit.Figures::exactMemory),
        figures.stream()
            .flatMap(f -> f.variants().stream())
            .mapToDouble(VariantFigures::deviation)
            .max()
            .orElseThrow(),
        settings.data(),
        data.fingerprint(),
        subject.model().fingerprint(),
        settings.adapter());
  }

  private static double mean(
      List<SequenceAudit.Figures> figures, ToDoubleFunction<SequenceAudit.Figures> figure) {
    return figures.stream().mapToDouble(figure).average().orElseThrow();
  }
}
