package org.uiospark.jobs.cluster;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.apache.hadoop.fs.FileUtil;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;
import org.uiospark.jobs.statistics.TextTable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * What a training step costs the network: bytes of every link, and seconds. Needs Linux, root and
 * iproute2. From the folder of submit.sh:
 *
 * <pre>
 * mvn -q test-compile dependency:build-classpath -Dmdep.outputFile=target/test-classpath
 * java --add-opens=java.base/java.nio=ALL-UNNAMED -cp "model/target/test-classes:\
 * data-prep/target/test-classes:spark-jobs/target/test-classes:spark-jobs/target/classes:\
 * $(cat spark-jobs/target/test-classpath)" org.uiospark.jobs.cluster.NetworkBenchmark 4:4 4:32
 * </pre>
 */
@Command(
    name = "NetworkBenchmark",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Runs train on a standalone cluster in network namespaces of this machine, and prints what each"
          + " link carried in a step."
    })
final class NetworkBenchmark implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "WORKERS:LANES",
      description = "workers and sequences of a run, such as 4:32; one run after the other")
  List<String> runs;

  @Option(
      names = "--values",
      defaultValue = "8388608",
      description = "values of the adapter, about (default: ${DEFAULT-VALUE})")
  long values;

  @Option(
      names = "--segments",
      defaultValue = "2",
      description = "of a sequence (default: ${DEFAULT-VALUE})")
  int segments;

  @Option(
      names = "--segment-length",
      defaultValue = "16",
      description = "tokens of a segment (default: ${DEFAULT-VALUE})")
  int length;

  @Option(
      names = "--memory-tokens",
      defaultValue = "4",
      description = "of a segment (default: ${DEFAULT-VALUE})")
  int memoryTokens;

  @Option(
      names = "--chunk-segments",
      defaultValue = "0",
      description =
          "as in train; above 0, the bytes of each stage are printed beside those that are planned"
              + " (default: ${DEFAULT-VALUE})")
  int chunkSegments;

  @Option(
      names = "--steps",
      defaultValue = "4",
      description = "steps that are measured, after two that warm up (default: ${DEFAULT-VALUE})")
  int steps;

  @Option(
      names = "--rate",
      defaultValue = "1gbit",
      description = "of each link in each direction (default: ${DEFAULT-VALUE})")
  String rate;

  @Option(
      names = "--delay",
      defaultValue = "0",
      description = "of each link in each direction, such as 100us (default: ${DEFAULT-VALUE})")
  String delay;

  @Option(
      names = "--cores",
      defaultValue = "1",
      description = "of each executor (default: ${DEFAULT-VALUE})")
  int cores;

  @Option(
      names = "--driver-heap",
      defaultValue = "4g",
      description = "as UIO_DRIVER_MEMORY (default: ${DEFAULT-VALUE})")
  String driverHeap;

  @Option(
      names = "--executor-heap",
      defaultValue = "1g",
      description = "as spark.executor.memory (default: ${DEFAULT-VALUE})")
  String executorHeap;

  @Option(
      names = "--spark",
      paramLabel = "KEY=VALUE",
      description = "a Spark setting, as often as needed")
  Map<String, String> settings = new TreeMap<>();

  @Option(names = "--json", paramLabel = "FILE", description = "all figures go there as well")
  Path json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "print this and end")
  boolean help;

  @Spec CommandSpec spec;

  /** Workers and lanes of a run. */
  private record Size(int workers, int lanes) {}

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new NetworkBenchmark())
            .setParameterExceptionHandler(
                (e, given) -> {
                  System.err.println("NetworkBenchmark: " + e.getMessage());
                  return 2;
                })
            .execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    List<Size> sizes = sizes();
    List<NetworkFigures> all = new ArrayList<>();
    System.out.print(head());
    for (Size size : sizes) {
      // On disk, and kept where a run fails: its logs say why.
      Path folder = Files.createTempDirectory("uio-network-");
      try {
        LightWork work = work(folder, size);
        work.write();
        all.add(
            new NetworkRun(
                    size.workers(),
                    cores,
                    work,
                    steps,
                    new Link(rate, delay),
                    driverHeap,
                    executorHeap,
                    settings,
                    folder)
                .measure());
      } catch (Hosts.Unavailable e) {
        FileUtil.fullyDelete(folder.toFile());
        System.err.println("NetworkBenchmark: skipped: " + e.getMessage());
        return 2;
      } catch (Exception e) {
        System.err.println("NetworkBenchmark: the logs are in " + folder);
        throw e;
      }
      System.out.print(line(all.get(all.size() - 1)));
      if (chunkSegments > 0) {
        System.out.print(stages(work(folder, size), all.get(all.size() - 1)));
      }
      FileUtil.fullyDelete(folder.toFile());
      if (json != null) {
        write(json.toFile(), all);
      }
    }
    return 0;
  }

  private LightWork work(Path folder, Size size) {
    return new LightWork(
        folder,
        LightWork.rank(values),
        size.lanes(),
        new LightWork.Text(segments, length, memoryTokens),
        List.of("--chunk-segments=" + chunkSegments));
  }

  private String stages(LightWork work, NetworkFigures of) {
    TextTable table = new TextTable();
    StagePlan plan = StagePlan.of(work, chunkSegments, of);
    table.line(
        "A worker, MB in each stage: planned, what its link carried (least to most), what Spark says"
            + " that it read.");
    table.line("%7s %7s %15s %7s %7s %15s", "stage", "in", "link", "read", "out", "link");
    for (int stage = 0; stage < of.stages().size(); stage++) {
      NetworkFigures.Stage measured = of.stages().get(stage);
      table.line(
          "%7s %7.2f %7.2f (%s) %7.2f %7.2f %7.2f (%s)",
          StagePlan.NAMES.get(stage),
          plan.in().get(stage) / 1e6,
          measured.worker().in() / 1e6,
          range(measured.workers(), Traffic::in),
          measured.read() / 1e6,
          plan.out().get(stage) / 1e6,
          measured.worker().out() / 1e6,
          range(measured.workers(), Traffic::out));
    }
    return table.toString();
  }

  private List<Size> sizes() {
    require(values >= 1, "--values " + values + ": give 1 or more");
    require(steps >= 1, "--steps " + steps + ": give 1 or more");
    require(segments >= 2, "--segments " + segments + ": give 2 or more");
    require(length >= 1, "--segment-length " + length + ": give 1 or more");
    require(
        memoryTokens >= 1 && length % memoryTokens == 0,
        "--memory-tokens " + memoryTokens + ": give what divides " + length);
    require(chunkSegments >= 0, "--chunk-segments " + chunkSegments + ": give 0 or more");
    require(cores >= 1, "--cores " + cores + ": give 1 or more");
    matching("--rate", rate, "[1-9][0-9]*[kmg]bit", "such as 1gbit or 500mbit");
    matching("--delay", delay, "0|[1-9][0-9]*(us|ms)", "0, or such as 100us or 5ms");
    matching("--driver-heap", driverHeap, "[1-9][0-9]*[mg]", "such as 4g or 1500m");
    matching("--executor-heap", executorHeap, "[1-9][0-9]*[mg]", "such as 1g or 1500m");
    settings.keySet().forEach(key -> matching("--spark", key, "spark\\..+", "spark.KEY=VALUE"));
    return runs.stream().map(this::size).toList();
  }

  private Size size(String run) {
    matching("the run", run, "[1-9][0-9]{0,3}:[1-9][0-9]{0,5}", "WORKERS:LANES, such as 4:32");
    String[] words = run.split(":");
    Size size = new Size(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    require(size.workers() <= Hosts.MOST, run + ": at most " + Hosts.MOST + " workers");
    return size;
  }

  private void matching(String what, String value, String pattern, String such) {
    require(value.matches(pattern), what + " '" + value + "': give " + such);
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }

  private String head() {
    TextTable table = new TextTable();
    table.line(
        "Links of %s, delay %s. A steady step: MB and multiples of the adapter's bytes through the"
            + " driver's link; MB through the workers' links, least to most; seconds.",
        rate, delay);
    table.line(
        "%7s %5s %9s | %13s %13s | %13s %13s | %6s %6s %6s %6s | %s",
        "workers",
        "lanes",
        "values",
        "driver in",
        "driver out",
        "worker in",
        "worker out",
        "step",
        "lane",
        "spark",
        "share",
        "adapter");
    return table.toString();
  }

  private static String line(NetworkFigures of) {
    TextTable table = new TextTable();
    NetworkFigures.Step steady = of.steady();
    table.line(
        "%7d %5d %9d | %7.1f %4.1fx %7.1f %4.1fx | %13s %13s | %6.2f %6.2f %6.2f %6.2f | %s",
        of.workers(),
        of.lanes(),
        of.adapterValues(),
        steady.driver().in() / 1e6,
        of.driverInOverAdapter(),
        steady.driver().out() / 1e6,
        of.driverOutOverAdapter(),
        range(steady.workers(), Traffic::in),
        range(steady.workers(), Traffic::out),
        steady.seconds(),
        steady.laneSeconds(),
        steady.sparkSeconds(),
        steady.shareSeconds(),
        of.sha256().substring(0, 12));
    return table.toString();
  }

  private static String range(List<Traffic> links, ToLongFunction<Traffic> bytes) {
    LongSummaryStatistics all = links.stream().mapToLong(bytes).summaryStatistics();
    return String.format(Locale.ROOT, "%.1f-%.1f", all.getMin() / 1e6, all.getMax() / 1e6);
  }

  private static void write(File file, List<NetworkFigures> all) throws IOException {
    JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build().writeValue(file, all);
  }
}
