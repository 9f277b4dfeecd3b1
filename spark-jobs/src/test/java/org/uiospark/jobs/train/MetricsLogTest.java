package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.train.step.BatchLoss;
import org.uiospark.jobs.train.step.StepMetrics;
import org.uiospark.jobs.train.step.StepTimes;
import org.uiospark.model.input.InvalidInputException;

class MetricsLogTest {
  @TempDir Path folder;
  private OutputFolder output;
  private OutputLock lock;

  @BeforeEach
  void lock() {
    output = OutputFolder.of(folder.toString(), new Configuration());
    lock = OutputLock.acquire(output, Duration.ofMinutes(1));
  }

  private MetricsLog open(long step) {
    return new MetricsLog(output, lock, step);
  }

  /** On a file system that replaces files and appends to none, as an object store. */
  private MetricsLog openWithoutAppending() {
    FileSystem files =
        new FilterFileSystem(output.fs()) {
          @Override
          public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability) {
            return false;
          }
        };
    return new MetricsLog(new OutputFolder(files, output.root()), lock, 0);
  }

  private static StepMetrics step(long step) {
    return new StepMetrics(
        step,
        0,
        new BatchLoss(2.5, Map.of("lm", 2.5), 100, 99),
        0.5,
        200,
        1,
        1e-3,
        new StepTimes(0, 0.4, 0.1, 0, 0.1),
        null);
  }

  private List<String> lines() throws Exception {
    return Files.readAllLines(folder.resolve(MetricsLog.NAME));
  }

  @Test
  void aLineIsThereWhenItsStepIsDone() throws Exception {
    try (MetricsLog log = open(0)) {
      log.append(step(1));

      assertThat(lines())
          .singleElement()
          .asString()
          .isEqualTo(
              "{\"step\":1,\"epoch\":0,\"loss\":2.5,\"losses\":{\"lm\":2.5},\"tokens\":100,\"labels\":99,"
                  + "\"seconds\":0.5,\"tokens_per_second\":200.0,\"grad_norm\":1.0,\"lr\":0.001,"
                  + "\"broadcast_seconds\":0.0,\"compute_seconds\":0.4,\"spark_seconds\":0.1,"
                  + "\"aggregate_seconds\":0.0,\"update_seconds\":0.1}");
    }
  }

  @Test
  void linesPastTheStepOfTheCheckpointAreDropped() throws Exception {
    try (MetricsLog log = open(0)) {
      for (long step = 1; step <= 5; step++) {
        log.append(step(step));
      }
    }
    Files.writeString(
        folder.resolve(MetricsLog.NAME), "{\"step\":6,\"ep", StandardOpenOption.APPEND);

    try (MetricsLog log = open(3)) {
      log.append(step(4));
    }

    assertThat(lines()).hasSize(4).last().asString().startsWith("{\"step\":4,");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(2).contains(folder.resolve("train.lock"));
    }
  }

  @Test
  void whereNothingCanBeAppendedTheLinesAreThereOnceFlushedAndAtTheEnd() throws Exception {
    try (MetricsLog log = openWithoutAppending()) {
      log.append(step(1));
      assertThat(lines()).isEmpty();
      log.flush();
      log.append(step(2));
      assertThat(lines()).hasSize(1);
    }

    assertThat(lines()).hasSize(2);
  }

  @Test
  void theFileOfARunThatTookTheOutputOverIsNotReplaced() throws Exception {
    MetricsLog log = openWithoutAppending();
    log.append(step(1));
    Files.delete(folder.resolve("train.lock"));
    try (MetricsLog other =
        new MetricsLog(output, OutputLock.acquire(output, Duration.ofMinutes(1)), 0)) {
      other.append(step(1));
      other.append(step(2));
    }

    assertThatThrownBy(log::flush)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is no longer locked by this run");
    assertThatThrownBy(log::close).isInstanceOf(InvalidInputException.class);
    assertThat(lines()).hasSize(2);
  }
}
