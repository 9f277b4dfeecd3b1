package org.uiospark.jobs.cluster;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;
import org.uiospark.jobs.cluster.NetworkFigures.Stage;
import org.uiospark.jobs.cluster.NetworkFigures.Step;
import org.uiospark.model.input.Sha256;

/**
 * {@code train} on the real standalone cluster, each of its machines a host with a link of its own:
 * master and driver on host 0, a worker with one executor on each of the others. Settings are those
 * of {@code submit.sh} and {@code cluster start}.
 *
 * @param workers hosts that compute
 * @param cores of each
 * @param work what is trained
 * @param steps steps that are measured, after {@link #WARMUP}
 * @param link of each host
 * @param driverHeap such as 4g
 * @param executorHeap such as 1g
 * @param settings of Spark on top
 * @param folder for output and logs
 */
record NetworkRun(
    int workers,
    int cores,
    LightWork work,
    int steps,
    Link link,
    String driverHeap,
    String executorHeap,
    Map<String, String> settings,
    Path folder) {
  /** Steps in which executors start, load, and are compiled. */
  static final int WARMUP = 2;

  private static final int PORT = 7077;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Runs it; whatever happens, no process and no host is left.
   *
   * @throws Hosts.Unavailable where this machine or this user can have no hosts
   * @throws IllegalStateException with what it said if a process ended before its time
   */
  NetworkFigures measure() throws Hosts.Unavailable, IOException, InterruptedException {
    Files.createDirectories(folder);
    SubmittedRun submitted = new SubmittedRun(SubmittedRun.here(), folder);
    Map<String, Process> running = new LinkedHashMap<>();
    try (Hosts hosts = Hosts.up(workers + 1, link)) {
      Path defaults = submitted.writeDefaults(hosts.address(0), PORT);
      for (int host = 0; host <= workers; host++) {
        String name = host == 0 ? "master" : "worker-" + host;
        running.put(
            name,
            hosts.start(
                host,
                submitted.environment(hosts.address(host)),
                log(name),
                host == 0 ? master(hosts, defaults) : worker(hosts, host, defaults)));
      }
      Process driver =
          hosts.start(
              0,
              submitted.environment(hosts.address(0)),
              log("driver"),
              submitted.driver(
                  url(hosts),
                  driverHeap,
                  settingsOfDriver(),
                  work.train(folder.resolve("run"), WARMUP + steps, "0")));
      StageCounters stages =
          new StageCounters(
              stages(), () -> IntStream.rangeClosed(1, workers).mapToObj(hosts::traffic).toList());
      List<List<Traffic>> links = follow(hosts, running, driver, stages);
      if (driver.waitFor() != 0) {
        throw ended("driver");
      }
      // The driver hears of the last stage while it ends.
      stages.look();
      return figures(links, stages.since(WARMUP + 1));
    }
  }

  private Path log(String process) {
    return folder.resolve(process + ".log");
  }

  private static String url(Hosts hosts) {
    return "spark://" + hosts.address(0) + ":" + PORT;
  }

  private static List<String> master(Hosts hosts, Path defaults) {
    List<String> command = SubmittedRun.daemon(Master.class, defaults);
    command.addAll(List.of("--host", hosts.address(0), "--port", Integer.toString(PORT)));
    return command;
  }

  private List<String> worker(Hosts hosts, int host, Path defaults) {
    List<String> command = SubmittedRun.daemon(Worker.class, defaults);
    command.addAll(List.of("--host", hosts.address(host), "--cores", Integer.toString(cores)));
    command.addAll(List.of("--memory", executorHeap));
    command.addAll(List.of("--work-dir", folder.resolve("work-" + host).toString(), url(hosts)));
    return command;
  }

  private Map<String, String> settingsOfDriver() {
    Map<String, String> spark = new TreeMap<>();
    spark.put("spark.executor.memory", executorHeap);
    spark.put("spark.executor.cores", Integer.toString(cores));
    spark.put("spark.cores.max", Integer.toString(workers * cores));
    // A step before all have come would measure another cluster.
    spark.put("spark.scheduler.minRegisteredResourcesRatio", "1");
    spark.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    spark.put("spark.extraListeners", StageLog.class.getName());
    spark.put(StageLog.FILE, stages().toString());
    spark.putAll(settings);
    return spark;
  }

  /** What all links have carried before the first step, and after each. */
  private List<List<Traffic>> follow(
      Hosts hosts, Map<String, Process> daemons, Process driver, StageCounters stages)
      throws IOException, InterruptedException {
    List<List<Traffic>> links = new ArrayList<>();
    while (links.size() <= WARMUP + steps) {
      boolean over = !driver.isAlive();
      int known = links.size();
      stages.look();
      // The log is there before the first step is, and a line of it is there when its step is done.
      while (links.size() <= done()) {
        links.add(IntStream.rangeClosed(0, workers).mapToObj(hosts::traffic).toList());
      }
      if (over && links.size() == known) {
        throw ended("driver");
      }
      for (Map.Entry<String, Process> daemon : daemons.entrySet()) {
        if (!daemon.getValue().isAlive()) {
          throw ended(daemon.getKey());
        }
      }
      Thread.sleep(1);
    }
    return links;
  }

  private Path stages() {
    return folder.resolve("stages");
  }

  private Path metrics() {
    return folder.resolve("run/metrics.jsonl");
  }

  /** Steps done; -1 before there is a log of them. */
  private int done() throws IOException {
    if (!Files.exists(metrics())) {
      return -1;
    }
    return (int) Files.readString(metrics()).chars().filter(c -> c == '\n').count();
  }

  private IllegalStateException ended(String process) throws IOException {
    try (Stream<String> lines = Files.lines(log(process))) {
      return new IllegalStateException(
          lines
              .filter(line -> !line.startsWith("\tat "))
              .collect(
                  Collectors.joining(
                      "\n", "the " + process + " ended before its time; it said:\n", "")));
    }
  }

  private NetworkFigures figures(List<List<Traffic>> links, List<Stage> stages) throws IOException {
    List<String> lines = Files.readAllLines(metrics());
    int slots = workers * cores;
    int lanesOfCore = (work.sequences() + slots - 1) / slots;
    List<Step> all = new ArrayList<>();
    for (int step = 0; step < WARMUP + steps; step++) {
      List<Traffic> before = links.get(step);
      List<Traffic> after = links.get(step + 1);
      all.add(
          Step.of(
              IntStream.rangeClosed(0, workers)
                  .mapToObj(host -> after.get(host).since(before.get(host)))
                  .toList(),
              JSON.readTree(lines.get(step)),
              lanesOfCore));
    }
    Path adapter =
        folder.resolve("run/checkpoints/step-" + (WARMUP + steps) + "/adapter.safetensors");
    return NetworkFigures.of(
        workers,
        work.sequences(),
        link,
        work.values(),
        all,
        WARMUP,
        stages,
        Sha256.hex(Files.readAllBytes(adapter)));
  }
}
