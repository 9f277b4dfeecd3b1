package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.uiospark.model.input.InvalidInputException;

/**
 * The processes of a cluster at their start: the master first, then the workers, each registered
 * with it.
 *
 * @param settings how many workers, and what each lends
 * @param sparkHome the folder whose {@code jars} executors run from
 * @param defaults what they run with
 * @param address where the master will be
 */
record ClusterDaemons(
    ClusterSettings settings, Path sparkHome, ClusterDefaults defaults, ClusterAddress address) {
  private static final long START_SECONDS = 60;

  /**
   * Starts all of them and waits until they are registered; what was started is stopped again if
   * one of them is not.
   *
   * @throws InvalidInputException naming the process that ended at its start
   */
  void start() {
    List<Daemon> daemons = new ArrayList<>();
    try {
      daemons.add(master());
      awaitWorkers(daemons, 0);
      for (int i = 1; i <= settings.workers(); i++) {
        daemons.add(worker("worker-" + i));
      }
      awaitWorkers(daemons, settings.workers());
    } catch (RuntimeException e) {
      daemons.forEach(daemon -> daemon.stop(settings.folder()));
      throw e;
    }
  }

  private Daemon master() {
    return Daemon.start(
        "master",
        settings.folder(),
        environment(),
        // A port that is taken is an error, not the next port.
        List.of("-Dspark.port.maxRetries=0"),
        Master.class.getName(),
        List.of(
            "--host",
            ClusterAddress.HOST,
            "--port",
            address.masterPort(),
            "--properties-file",
            defaults.file().toString()));
  }

  private Daemon worker(String name) {
    return Daemon.start(
        name,
        settings.folder(),
        environment(),
        List.of(),
        Worker.class.getName(),
        List.of(
            "--host",
            ClusterAddress.HOST,
            "--webui-port",
            "0",
            "--cores",
            Integer.toString(settings.cores()),
            "--memory",
            (settings.memoryBytes() >> 20) + "m",
            "--work-dir",
            settings.folder().resolve("work").resolve(name).toString(),
            "--properties-file",
            defaults.file().toString(),
            address.master()));
  }

  private Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME",
        sparkHome.toString(),
        // Every executor of a Spark that is only jars dies at its start where this is not set.
        "SPARK_SCALA_VERSION",
        "2.13",
        "SPARK_LOCAL_IP",
        ClusterAddress.HOST);
  }

  private void awaitWorkers(List<Daemon> daemons, int workers) {
    long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000;
    while (MasterPage.read(address.pagePort())
        .filter(page -> page.aliveWorkers() >= workers)
        .isEmpty()) {
      for (Daemon daemon : daemons) {
        if (!daemon.isAlive()) {
          throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "the %s ended at its start: %s",
                  daemon.name(),
                  lastLine(daemon.name())));
        }
      }
      if (System.nanoTime() > deadline) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%d workers were not registered after %d seconds; see the logs in %s",
                workers,
                START_SECONDS,
                settings.folder().resolve("logs")));
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the cluster started", e);
      }
    }
  }

  /** The exception that a daemon died of, else the last thing it said. */
  private String lastLine(String name) {
    Path log = Daemon.log(settings.folder(), name);
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.stream()
          .filter(line -> line.contains("Exception"))
          .reduce((first, second) -> second)
          .or(() -> lines.stream().reduce((first, second) -> second))
          .map(line -> line + " (" + log + ")")
          .orElse("see " + log);
    } catch (IOException e) {
      return "see " + log;
    }
  }
}
