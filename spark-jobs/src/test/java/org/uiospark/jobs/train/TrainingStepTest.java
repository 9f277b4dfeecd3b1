package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.SequenceDataSet;
import org.uiospark.data.TokenDataSet;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.memory.TokenSequence;
import org.uiospark.model.optim.AdamW;
import org.uiospark.model.optim.AdamWSettings;
import org.uiospark.model.optim.LearningRateSchedule;

@Tag("cluster")
class TrainingStepTest {
  private static final Path MODEL =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");

  @TempDir Path folder;

  /** A data set that the driver has seen, on a file system that nobody reaches any more. */
  private TrainingData gone() {
    Configuration none = new Configuration();
    String uri = folder.resolve("data").toString();
    int[] tokens = IntStream.range(0, 64).toArray();
    TokenDataSet.write(
        uri, List.of(TokenSequence.of("document", 0, tokens)), 32, 2048, "none", none);
    TaskData seen = TaskData.of(SequenceDataSet.open(uri, none), none);
    TaskData gone = new TaskData(seen.description().at("gone://host/data"), seen.hadoop());
    return new TrainingData(new ArrayList<>(List.of(gone)), new double[] {1});
  }

  private static TrainingStep step(JavaSparkContext spark, TrainingData data, AdapterShape shape) {
    String fingerprint;
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(MODEL)) {
      fingerprint = checkpoint.fingerprint();
    }
    ModelReference model =
        new ModelReference(MODEL.toAbsolutePath().toString(), "", fingerprint, 32, 8, shape);
    float[] zeros = new float[shape.size()];
    return new TrainingStep(
        spark,
        new LaneSettings(model, new EstimatorSettings("exact", 1, 1), 0, 0, null),
        data,
        new SequenceOrder(data.sizes(), data.weights(), 0),
        1,
        new AdamW(AdamWSettings.DEFAULT, shape, zeros, zeros.clone(), 0),
        new LearningRateSchedule(1e-3, 0, 1, 0),
        1);
  }

  @Test
  void aSequenceThatCannotBeReadIsNamedByItsNumberAndTheCauseIsKept() {
    AdapterShape shape = AdapterShape.of(LlamaCheckpoint.config(MODEL), 2, 4);
    Adapter adapter = Adapter.initial(shape, new float[shape.hiddenSize()], 0);
    try (SparkSession session = LocalSpark.start(1)) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      TrainingStep step = step(spark, gone(), shape);

      Throwable failure = catchThrowable(() -> step.take(0, adapter));

      assertThat(failure)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("step 1: sequence 0: its task failed every time")
          .hasCauseInstanceOf(SparkException.class);
      assertThat(failure.getCause()).hasMessageContaining("gone");
      assertThat(failure.getCause().getSuppressed()).hasSize(1);
    }
  }
}
