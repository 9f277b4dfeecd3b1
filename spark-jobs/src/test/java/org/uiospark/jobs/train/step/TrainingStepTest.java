package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.task.MemoryUse;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.optim.AdamW;
import org.uiospark.model.optim.AdamWSettings;
import org.uiospark.model.optim.LearningRateSchedule;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.TokenSequence;

@Tag("cluster")
class TrainingStepTest {
  private static final Path MODEL =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");

  private static final AdapterShape SHAPE = AdapterShape.of(LlamaCheckpoint.config(MODEL), 2, 4);

  @TempDir Path folder;

  private TaskData data() {
    Configuration none = new Configuration();
    String uri = folder.resolve("data").toString();
    int[] tokens = IntStream.range(0, 64).toArray();
    TokenDataSet.write(
        uri, List.of(TokenSequence.of("document", 0, tokens)), 32, 2048, "none", none);
    return TaskData.of(SequenceDataSet.open(uri, none), none);
  }

  private static TrainingStep step(SparkSession session, TaskData set, int batch) {
    return step(session, set, batch, 8, 0);
  }

  private static TrainingStep step(
      SparkSession session, TaskData set, int batch, int memoryTokens, long leastMemory) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    TrainingData data = new TrainingData(new ArrayList<>(List.of(set)), new double[] {1});
    String fingerprint;
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(MODEL)) {
      fingerprint = checkpoint.fingerprint();
    }
    ModelReference model =
        new ModelReference(
            MODEL.toAbsolutePath().toString(),
            "",
            fingerprint,
            32,
            memoryTokens,
            SHAPE,
            Arithmetic.here(1));
    float[] zeros = new float[SHAPE.size()];
    LaneSettings lanes =
        new LaneSettings(
            model,
            new SegmentRatios(32, List.of(8)),
            leastMemory,
            new MemoryUse("a test", ""),
            new EstimatorSettings("exact", 1, 1),
            1,
            0,
            0,
            0,
            null);
    return new TrainingStep(
        new SequenceOrder(data.sizes(), data.weights(), 0),
        batch,
        new GradientJob(spark, lanes, data, new CollectSize(0), new StepWatch(spark.sc())),
        new TrainedAdapter(
            Adapter.initial(SHAPE, new float[SHAPE.hiddenSize()], 0),
            new AdamW(AdamWSettings.DEFAULT, SHAPE, zeros, zeros.clone(), 0),
            new LearningRateSchedule(1e-3, 0, 1, 0),
            1));
  }

  private static Throwable failure(TrainingStep step) {
    Throwable failure = catchThrowable(() -> step.take(0));
    assertThat(failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the adapter was not updated")
        .hasCauseInstanceOf(SparkException.class);
    return failure;
  }

  @Test
  void aDataSetThatCannotBeReadIsRefusedWhereThereIsNoOtherMachine() throws Exception {
    TaskData seen = data();
    TaskData gone = new TaskData(seen.description().at("gone://host/data"), seen.hadoop());
    try (SparkSession session = LocalSpark.start(1)) {
      assertThatThrownBy(() -> step(session, gone, 1).take(0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("step 1: data set gone://host/data cannot be used: ")
          .hasMessageContaining("No FileSystem for scheme");
    }
  }

  @Test
  void aDeviceThatIsTooSmallIsToldBeforeTheModelIsLoaded() throws Exception {
    try (SparkSession session = LocalSpark.start(1)) {
      // So many memory tokens that no other test has loaded this model.
      assertThatThrownBy(() -> step(session, data(), 1, 7, 1L << 60).take(0))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("step 1: the memory of this machine, ")
          .hasMessageEndingWith(
              " GiB, is too small: base model, adapter and one segment take 1073741824.0 GiB;"
                  + " lower --segment-length or --rank, or take a machine with more");
    }
  }

  @Test
  void aSparkThatIsStoppedInTheMiddleOfAStepIsTheCauseThatIsTold() throws Exception {
    try (SparkSession session = LocalSpark.start(1)) {
      Thread stop = new Thread(session::stop);
      session
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskStart(SparkListenerTaskStart started) {
                  if (stop.getState() == Thread.State.NEW) {
                    stop.start();
                  }
                }
              });

      // So many lanes that the step is not done before.
      assertThat(failure(step(session, data(), 1000)))
          .hasMessageContaining("SparkContext was shut down");
      // Until it has stopped as a whole, the next test would be given this one.
      stop.join();
    }
  }
}
