package org.uiospark.jobs.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.SequenceDataSet;
import org.uiospark.jobs.checkpoint.OutputFolder;
import org.uiospark.jobs.checkpoint.Versions;
import org.uiospark.jobs.export.AdapterSource;
import org.uiospark.jobs.report.Report;
import org.uiospark.jobs.settings.EvaluateSettings;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;

/** Held-out perplexity by context length; the same figures for any number of executors. */
public final class Evaluation {
  /** Name of the result in the output folder. */
  public static final String RESULT = "perplexity.json";

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
   * Evaluates, and writes {@value #RESULT} where an output was named.
   *
   * @throws InvalidInputException if adapter, model, data set and lengths do not fit each other
   */
  public PerplexityTable run() {
    LoadedAdapter loaded =
        AdapterSource.adapter(OutputFolder.of(settings.adapter(), spark.hadoopConfiguration()));
    ModelFolder folder = ModelFolder.of(settings.model(), spark.hadoopConfiguration());
    try (LlamaCheckpoint base = LlamaCheckpoint.open(folder.path())) {
      ModelReference model = ModelReference.of(folder, base, loaded.config());
      SequenceDataSet data = SequenceDataSet.open(settings.data(), spark.hadoopConfiguration());
      requireFit(data, model, base.config());
      return table(loaded, model, data, base.config().nativeWindow());
    }
  }

  private PerplexityTable table(
      LoadedAdapter loaded, ModelReference model, SequenceDataSet data, int window) {
    List<SequenceScores> scores = scores(loaded, model, data);
    int segmentLength = model.segmentLength();
    List<ContextPerplexity> rows =
        settings.lengths().stream()
            .map(length -> ContextPerplexity.of(length, segmentLength, scores))
            .filter(row -> row.sequences() > 0)
            .toList();
    if (rows.isEmpty()) {
      throw new InvalidInputException(
          "no sequence of %s is as long as the shortest of the lengths %s; ask for shorter ones"
              .formatted(settings.data(), settings.lengths()));
    }
    PerplexityTable table =
        new PerplexityTable(
            rows,
            settings.data(),
            data.fingerprint(),
            model.fingerprint(),
            settings.adapter(),
            window);
    if (!settings.output().isEmpty()) {
      write(RESULT, table);
      write(
          EvaluationProvenance.NAME,
          new EvaluationProvenance(settings, Versions.with(spark.version())));
      Report.writeAfterRun(OutputFolder.of(settings.output(), spark.hadoopConfiguration()));
    }
    return table;
  }

  private List<SequenceScores> scores(
      LoadedAdapter adapter, ModelReference model, SequenceDataSet data) {
    long count = Math.min(settings.sequences(), data.size());
    // Spread over the whole data set, so that no document is left out for standing last.
    List<Long> indices =
        LongStream.range(0, count).map(i -> i * data.size() / count).boxed().toList();
    Broadcast<float[]> values = spark.broadcast(adapter.adapter().values());
    try {
      return spark
          .parallelize(indices, indices.size())
          .map(new EvaluationTask(model, TaskData.of(data, spark.hadoopConfiguration()), values))
          .collect()
          .stream()
          .map(TaskAnswer::orRefuse)
          .toList();
    } finally {
      values.destroy();
    }
  }

  private void requireFit(SequenceDataSet data, ModelReference model, LlamaConfig base) {
    if (data.size() == 0) {
      throw new InvalidInputException("data set " + settings.data() + " holds no sequence");
    }
    TaskData.requireVocabulary(data, settings.model(), base);
    for (int length : settings.lengths()) {
      if (length % model.segmentLength() != 0) {
        throw new InvalidInputException(
            "evaluate.lengths %d is not a multiple of the adapter's segment length %d"
                .formatted(length, model.segmentLength()));
      }
    }
  }

  private void write(String name, Object result) {
    OutputFolder output = OutputFolder.of(settings.output(), spark.hadoopConfiguration());
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    try {
      output.replace(name, json.writeValueAsBytes(result));
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s cannot be written: %s; name another --output"
              .formatted(output.file(name), e.getMessage()),
          e);
    }
  }
}
