package org.uiospark.jobs.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.uiospark.jobs.cluster.Hosts.Traffic;
import org.uiospark.jobs.cluster.NetworkFigures.Stage;

/** What the links have carried as each stage ended, by the {@link StageLog} of the driver. */
final class StageCounters {
  private static final Pattern READ = Pattern.compile("\\S+=(\\d+)");

  private final Path file;
  private final Supplier<List<Traffic>> workers;
  private final List<List<Traffic>> seen = new ArrayList<>();

  /**
   * @param file that the log writes
   * @param workers asked for the counters of all of them
   */
  StageCounters(Path file, Supplier<List<Traffic>> workers) {
    this.file = file;
    this.workers = workers;
    seen.add(workers.get());
  }

  /** Looks whether stages have ended, and at the counters if so. */
  void look() throws IOException {
    int ended = lines().size();
    while (seen.size() <= ended) {
      seen.add(workers.get());
    }
  }

  private List<String> lines() throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** Means of the stages of the steps from the given one on, counted from 1. */
  List<Stage> since(int step) throws IOException {
    List<String> lines = lines();
    List<List<Stage>> byStage = new ArrayList<>();
    String before = "";
    int stage = 0;
    for (int i = 0; i < lines.size(); i++) {
      String[] words = lines.get(i).split(" ");
      if (!words[0].equals("step") || Integer.parseInt(words[1]) < step) {
        continue;
      }
      stage = words[1].equals(before) ? stage + 1 : 0;
      before = words[1];
      if (byStage.size() == stage) {
        byStage.add(new ArrayList<>());
      }
      byStage.get(stage).add(stage(seen.get(i), seen.get(i + 1), lines.get(i)));
    }
    return byStage.stream().map(Stage::mean).toList();
  }

  private static Stage stage(List<Traffic> before, List<Traffic> after, String line) {
    long read = 0;
    Matcher host = READ.matcher(line);
    while (host.find()) {
      read += Long.parseLong(host.group(1));
    }
    return new Stage(
        IntStream.range(0, after.size())
            .mapToObj(worker -> after.get(worker).since(before.get(worker)))
            .toList(),
        read / after.size());
  }
}
