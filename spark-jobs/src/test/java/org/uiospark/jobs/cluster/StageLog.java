package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Lives in a driver as one of {@code spark.extraListeners} and writes a line to a file as each
 * stage of a step ends: the step, and what each host has read of the shuffle from others, as Spark
 * counts it.
 */
public final class StageLog extends SparkListener {
  /** The file: {@code step 3 10.78.0.11=4096 10.78.0.12=0}, a line a stage. */
  static final String FILE = "spark.uio.test.stages.file";

  private final Path file;
  private final Map<Integer, String> steps = new HashMap<>();
  private final Map<Integer, Map<String, Long>> read = new HashMap<>();

  /** As Spark makes it. */
  public StageLog(SparkConf conf) {
    this.file = Path.of(conf.get(FILE));
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    int stage = submitted.stageInfo().stageId();
    steps.put(stage, String.valueOf(submitted.properties().getProperty("spark.jobGroup.id")));
    read.put(stage, new TreeMap<>());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    TaskMetrics metrics = ended.taskMetrics();
    if (metrics != null && read.containsKey(ended.stageId())) {
      read.get(ended.stageId())
          .merge(
              ended.taskInfo().host(), metrics.shuffleReadMetrics().remoteBytesRead(), Long::sum);
    }
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    int stage = completed.stageInfo().stageId();
    String hosts =
        read.get(stage).entrySet().stream()
            .map(host -> " " + host.getKey() + "=" + host.getValue())
            .collect(Collectors.joining());
    try {
      Files.writeString(
          file,
          steps.get(stage) + hosts + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
