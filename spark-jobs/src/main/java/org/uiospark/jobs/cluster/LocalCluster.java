package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;

/**
 * A standalone Spark cluster of real processes on this machine: a master and its workers, reachable
 * from this machine only and with a secret that only this user can read.
 *
 * <p>{@code conf/spark-defaults.conf} of its folder is what the daemons run with and what
 * applications are submitted with.
 */
public final class LocalCluster {
  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);
  private static final long START_SECONDS = 60;
  private static final String MASTER_URL = "spark.master";
  private static final String MASTER_PAGE = "spark.master.ui.port";

  private final ClusterSettings settings;
  private final Path project;
  private final Path sparkHome;
  private final Path folder;

  /**
   * @param project the folder of submit.sh
   * @param sparkHome the folder whose {@code jars} executors run from
   */
  public LocalCluster(ClusterSettings settings, Path project, Path sparkHome) {
    this.settings = settings;
    this.project = project;
    this.sparkHome = sparkHome;
    this.folder = settings.folder();
  }

  /** The folder to name as SPARK_CONF_DIR to submit to this cluster. */
  public Path configuration() {
    return folder.resolve("conf");
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
              properties().getProperty(MASTER_URL)));
    }
    Properties properties = describe();
    List<Daemon> daemons = new ArrayList<>();
    try {
      daemons.add(master(properties));
      awaitWorkers(properties, daemons, 0);
      for (int i = 1; i <= settings.workers(); i++) {
        daemons.add(worker(properties, "worker-" + i));
      }
      awaitWorkers(properties, daemons, settings.workers());
    } catch (RuntimeException e) {
      daemons.forEach(daemon -> daemon.stop(folder));
      throw e;
    }
    LOG.info(
        "Workers: {}, each with {} cores and {} MiB for executors; web page http://{}:{}; logs in {}",
        settings.workers(),
        settings.cores(),
        settings.memoryBytes() >> 20,
        HOST,
        properties.getProperty(MASTER_PAGE),
        folder);
    return properties.getProperty(MASTER_URL);
  }

  /** Ends workers, executors and master; does nothing where none runs. */
  public void stop() {
    if (!Files.isDirectory(folder)) {
      LOG.info("No cluster runs in {}", folder);
      return;
    }
    // Not between two daemons of a start, which would leave the later ones running.
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
    Properties properties = properties();
    StringBuilder text = new StringBuilder(properties.getProperty(MASTER_URL)).append('\n');
    Optional<MasterPage> page = page(properties);
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

  private Daemon master(Properties properties) {
    String port = properties.getProperty(MASTER_URL).replaceFirst(".*:", "");
    return Daemon.start(
        "master",
        folder,
        environment(),
        // A port that is taken is an error, not the next port.
        List.of("-Dspark.port.maxRetries=0"),
        Master.class.getName(),
        List.of("--host", HOST, "--port", port, "--properties-file", propertiesFile().toString()));
  }

  private Daemon worker(Properties properties, String name) {
    return Daemon.start(
        name,
        folder,
        environment(),
        List.of(),
        Worker.class.getName(),
        List.of(
            "--host",
            HOST,
            "--webui-port",
            "0",
            "--cores",
            Integer.toString(settings.cores()),
            "--memory",
            (settings.memoryBytes() >> 20) + "m",
            "--work-dir",
            folder.resolve("work").resolve(name).toString(),
            "--properties-file",
            propertiesFile().toString(),
            properties.getProperty(MASTER_URL)));
  }

  private Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME",
        sparkHome.toString(),
        // Without it every executor of a Spark that is only jars dies at its start.
        "SPARK_SCALA_VERSION",
        "2.13",
        "SPARK_LOCAL_IP",
        HOST);
  }

  private void awaitWorkers(Properties properties, List<Daemon> daemons, int workers) {
    long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000;
    while (page(properties).filter(page -> page.aliveWorkers() >= workers).isEmpty()) {
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
                folder.resolve("logs")));
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
    Path log = Daemon.log(folder, name);
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

  private Optional<MasterPage> page(Properties properties) {
    return MasterPage.read(Integer.parseInt(properties.getProperty(MASTER_PAGE)));
  }

  private Properties describe() throws IOException {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Map<String, String> values = new TreeMap<>();
    values.put(
        MASTER_URL,
        String.format(
            Locale.ROOT,
            "spark://%s:%d",
            HOST,
            settings.port() == 0 ? freePort() : settings.port()));
    values.put(MASTER_PAGE, Integer.toString(freePort()));
    values.put("spark.driver.host", HOST);
    values.put("spark.driver.bindAddress", HOST);
    // The server for submissions by REST knows no authentication.
    values.put("spark.master.rest.enabled", "false");
    values.put("spark.authenticate", "true");
    values.put("spark.authenticate.secret", HexFormat.of().formatHex(secret));
    values.put("spark.network.crypto.enabled", "true");
    values.put("spark.io.encryption.enabled", "true");
    // The assembly is copied to every executor of every application.
    values.put("spark.worker.cleanup.enabled", "true");
    values.put("spark.worker.cleanup.appDataTtl", "86400");
    if (settings.gpus() > 0) {
      values.put("spark.worker.resource.gpu.amount", Integer.toString(settings.gpus()));
      values.put(
          "spark.worker.resource.gpu.discoveryScript",
          project.resolve("conf/gpu-discovery.sh").toAbsolutePath().toString());
    }
    Properties properties = new Properties();
    properties.putAll(values);
    StringWriter text = new StringWriter();
    properties.store(text, "The standalone cluster of ./submit.sh cluster start");
    Files.createDirectories(configuration());
    Path fresh = Files.createTempFile(configuration(), "spark-defaults", ".new");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(fresh, text.toString());
    Files.move(fresh, propertiesFile(), StandardCopyOption.REPLACE_EXISTING);
    return properties;
  }

  private Path propertiesFile() {
    return configuration().resolve("spark-defaults.conf");
  }

  private Properties properties() {
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(propertiesFile())) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
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

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }
}
