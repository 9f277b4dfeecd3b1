package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdleCoresTest {
  private static final int ALL = Runtime.getRuntime().availableProcessors();

  @ParameterizedTest
  @CsvSource({"local, 1", "local[3], 3", "local[*], 0", "'local[2,4]', 2", "spark://host:7077, 0"})
  void oneStreamHasTheCoresThatTheMasterNames(String master, int cores) {
    assertThat(IdleCores.ofDriver(new SparkConf(false).setMaster(master)))
        .isEqualTo(cores == 0 ? ALL : cores);
  }

  @Test
  void withoutAMasterItHasAllOfTheMachine() {
    assertThat(IdleCores.ofDriver(new SparkConf(false))).isEqualTo(ALL);
  }

  @Tag("cluster")
  @Test
  void fewTasksShareTheCoresAndManyHaveOneEach() {
    SparkConf conf =
        new SparkConf()
            .setMaster("local[4]")
            .setAppName("idle cores")
            .set("spark.ui.enabled", "false");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      assertThat(IdleCores.ofTask(spark, 1)).isEqualTo(4);
      assertThat(IdleCores.ofTask(spark, 2)).isEqualTo(2);
      assertThat(IdleCores.ofTask(spark, 3)).isEqualTo(1);
      assertThat(IdleCores.ofTask(spark, 100)).isEqualTo(1);
    }
  }
}
