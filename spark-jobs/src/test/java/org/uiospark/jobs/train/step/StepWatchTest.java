package org.uiospark.jobs.train.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.train.reduce.CollectSize;
import org.uiospark.jobs.train.reduce.OrderedReduce;
import org.uiospark.model.input.InvalidInputException;

@Tag("cluster")
class StepWatchTest {
  private JavaSparkContext spark;
  private StepWatch watch;

  @BeforeEach
  void watchOfOneSecond() {
    spark =
        new JavaSparkContext(
            new SparkConf()
                .setMaster("local[2]")
                .setAppName("watch")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set(StepWatch.TIMEOUT, "1s"));
    watch = new StepWatch(spark.sc());
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  @Test
  void aStepThatDoesNotEndIsAnError() {
    Throwable failure =
        catchThrowable(
            () -> watch.run(7, () -> spark.parallelize(List.of(1), 1).map(each -> hang()).count()));

    assertThat(failure).hasMessageContaining("step 7").hasMessageContaining(StepWatch.TIMEOUT);
    assertThat(stages(7).failedLane(failure, reduce(0))).isEmpty();
    assertThat(watch.run(8, () -> spark.parallelize(List.of(1, 2), 2).count())).isEqualTo(2);
  }

  @Test
  void aTimeoutThatIsNoTimeIsRefused() {
    for (String timeout : List.of("soon", "0s", "-1s")) {
      spark.sc().conf().set(StepWatch.TIMEOUT, timeout);

      assertThatThrownBy(() -> new StepWatch(spark.sc()))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "spark.uio.stepTimeout = %s is no time to wait; set it to one such as 90m or 2h",
              timeout);
    }
  }

  @Test
  void theLaneThatSparkGaveUpIsKnown() {
    Throwable failure =
        catchThrowable(
            () ->
                watch.run(
                    1,
                    () ->
                        spark
                            .parallelize(List.of(0, 1, 2), 3)
                            .filter(each -> broken(each))
                            .groupBy(each -> each)
                            .count()));

    assertThat(stages(1).failedLane(failure, reduce(0))).contains(2);
  }

  @Test
  void aShardThatSparkGaveUpIsNoLane() {
    Throwable failure =
        catchThrowable(
            () ->
                watch.run(
                    1,
                    () ->
                        spark
                            .parallelize(List.of(0, 1, 2), 3)
                            .groupBy(each -> each, 3)
                            .filter(each -> broken(each._1()))
                            .count()));

    assertThat(failure).hasMessageContaining("broken");
    assertThat(stages(1).failedLane(failure, reduce(0))).isEmpty();
    // Where the driver adds the lanes, the last stage is theirs.
    assertThat(stages(1).failedLane(failure, reduce(1 << 20))).isPresent();
    assertThat(stages(1).lastSince()).isPositive();
  }

  private static OrderedReduce reduce(long collectBytes) {
    return new OrderedReduce(3, new float[8], new CollectSize(collectBytes));
  }

  private StepStages stages(long step) {
    return StepStages.of(spark.sc(), StepWatch.group(step)).orElseThrow();
  }

  private static boolean broken(int task) {
    if (task == 2) {
      throw new IllegalStateException("broken");
    }
    return true;
  }

  private static boolean hang() throws InterruptedException {
    Thread.sleep(5000);
    return true;
  }
}
