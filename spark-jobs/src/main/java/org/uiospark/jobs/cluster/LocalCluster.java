package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;

/**
 * A standalone Spark cluster of real processes on this machine: a master and its workers, reachable
 * from this machine only and with a secret that only this user can read.
 */
public final class LocalCluster {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

  private final ClusterSettings settings;
  private final Path project;
  private final Path sparkHome;
  private final Path folder;
  private final ClusterDefaults defaults;

  /**
   * @param project the folder of submit.sh
   * @param sparkHome the folder whose {@code jars} executors run from
   */
  public LocalCluster(ClusterSettings settings, Path project, Path sparkHome) {
    this.settings = settings;
    this.project = project;
    this.sparkHome = sparkHome;
    this.folder = settings.folder();
    this.defaults = new ClusterDefaults(folder);
  }

  /** The folder to name as SPARK_CONF_DIR to submit to this cluster. */
  public Path configuration() {
    return defaults.directory();
  }

  /**
   * Starts master and workers and waits until all are registered; what was started is stopped again
   * if one of them is not.
   *
   * @return the URL of the master
   * @throws InvalidInputException if the cluster runs already, or cannot be started as asked
   */
  public String start() {
    if (settings.gpus() > 0 && settings.workers() > 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d workers would each lend the same %d GPUs; give --workers 1 with --cores for the tasks",
              settings.workers(),
              settings.gpus()));
    }
    try {
      Files.createDirectories(folder.resolve("logs"));
      FileChannel lock = lock();
      try {
        return startLocked();
      } finally {
        lock.close();
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private InvalidInputException unusable(IOException e) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT,
            "the cluster folder %s cannot be used: %s; name another --folder",
            folder,
            e),
        e);
  }

  private String startLocked() throws IOException {
    if (!Daemon.running(folder).isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "a cluster runs in %s already, %s; ./submit.sh cluster stop ends it",
              folder,
              defaults.address().master()));
    }
    ClusterAddress address = defaults.write(settings, project);
    new ClusterDaemons(settings, sparkHome, defaults, address).start();
    LOG.info(
        "Workers: {}, each with {} cores and {} MiB for executors; web page http://{}:{}; logs in {}",
        settings.workers(),
        settings.cores(),
        settings.memoryBytes() >> 20,
        ClusterAddress.HOST,
        address.pagePort(),
        folder);
    return address.master();
  }

  /** Ends workers, executors and master; does nothing where none runs. */
  public void stop() {
    if (!Files.isDirectory(folder)) {
      LOG.info("No cluster runs in {}", folder);
      return;
    }
    // The lock keeps it from falling between two daemons of a start: the later ones would go on.
    try {
      FileChannel lock = lock();
      try {
        stopLocked();
      } finally {
        lock.close();
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private void stopLocked() {
    List<Daemon> daemons = Daemon.running(folder);
    if (daemons.isEmpty()) {
      LOG.info("No cluster runs in {}", folder);
      return;
    }
    // The master last: the workers end their executors while there is one to tell.
    daemons.subList(1, daemons.size()).forEach(Daemon::askToEnd);
    for (int i = daemons.size() - 1; i >= 0; i--) {
      daemons.get(i).stop(folder);
    }
    LOG.info("Stopped {} processes of the cluster in {}", daemons.size(), folder);
  }

  /**
   * The master and its processes, a line each.
   *
   * @throws InvalidInputException if no cluster runs
   */
  public String status() {
    List<Daemon> daemons = Daemon.running(folder);
    if (daemons.isEmpty()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "no cluster runs in %s; ./submit.sh cluster start", folder));
    }
    ClusterAddress address = defaults.address();
    StringBuilder text = new StringBuilder(address.master()).append('\n');
    Optional<MasterPage> page = MasterPage.read(address.pagePort());
    text.append(
        page.map(
                at ->
                    String.format(
                        Locale.ROOT,
                        "%d workers, %d of %d cores used, %d applications\n",
                        at.aliveWorkers(),
                        at.coresUsed(),
                        at.cores(),
                        at.applications()))
            .orElse("the master does not answer\n"));
    for (Daemon daemon : daemons) {
      text.append(
          String.format(Locale.ROOT, "%-9s process %d\n", daemon.name(), daemon.process().pid()));
    }
    return text.toString();
  }

  /** Held while the cluster starts or stops: the second of two is refused. */
  private FileChannel lock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("start.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this JVM has it.
    }
    channel.close();
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "a cluster is just being started or stopped in %s; wait until that is done, or name another --folder",
            folder));
  }
}
