package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Lives in a driver on this machine as one of {@code spark.extraListeners} and ends executors by
 * SIGKILL, each as it starts the first task of a given stage of a given step. What it did, and
 * which tasks had to be run again, it writes to a file.
 */
public final class StageKiller extends SparkListener {
  /** Which stage of a step, from 1: stages count in the order that the step submits them. */
  static final String STAGE = "spark.uio.test.kill.stage";

  /** Steps, counted from 1 and separated by commas, in which an executor is killed. */
  static final String STEPS = "spark.uio.test.kill.steps";

  /** The file: {@code killed ...} for an executor, {@code again ...} for a task. */
  static final String FILE = "spark.uio.test.kill.file";

  /** What the trainer calls the jobs of a step. */
  private static final String GROUP = "step ";

  private final int stage;
  private final Path file;
  private final Set<String> doomed = new HashSet<>();
  private final Map<String, List<Integer>> stages = new HashMap<>();

  /** As Spark makes it. */
  public StageKiller(SparkConf conf) {
    this.stage = conf.getInt(STAGE, 1);
    this.file = Path.of(conf.get(FILE));
    for (String step : conf.get(STEPS).split(",")) {
      doomed.add(GROUP + step);
    }
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String group = String.valueOf(submitted.properties().getProperty("spark.jobGroup.id"));
    List<Integer> known = stages.computeIfAbsent(group, name -> new ArrayList<>());
    // One that is submitted again keeps its place.
    if (!known.contains(submitted.stageInfo().stageId())) {
      known.add(submitted.stageInfo().stageId());
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart started) {
    for (Map.Entry<String, List<Integer>> step : stages.entrySet()) {
      if (step.getValue().indexOf(started.stageId()) == stage - 1 && doomed.remove(step.getKey())) {
        String executor = started.taskInfo().executorId();
        write("killed " + kill(executor) + " of executor " + executor + " in " + step.getKey());
      }
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    if (ended.reason() != Success$.MODULE$) {
      write("again task " + ended.taskInfo().index() + ": " + ended.reason());
    }
  }

  /** Kills the process of an executor of this driver; tells how many there were. */
  private static long kill(String executor) {
    String port = SparkEnv.get().conf().get("spark.driver.port");
    return ProcessHandle.allProcesses()
        .filter(process -> isExecutor(words(process.pid()), port, executor))
        .filter(ProcessHandle::destroyForcibly)
        .count();
  }

  private static boolean isExecutor(List<String> words, String port, String executor) {
    int url = words.indexOf("--driver-url");
    int id = words.indexOf("--executor-id");
    return url >= 0
        && id >= 0
        && words.get(url + 1).endsWith(":" + port)
        && words.get(id + 1).equals(executor);
  }

  /** Java's own view of a command line ends after a page, in the middle of the class path. */
  private static List<String> words(long pid) {
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
      return List.of(new String(line, StandardCharsets.UTF_8).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  private void write(String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
