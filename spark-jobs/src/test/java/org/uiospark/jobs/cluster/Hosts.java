package org.uiospark.jobs.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Several hosts on one machine: network namespaces, each on a link of limited rate. {@code
 * hosts.sh} makes them, and removes them with all that runs in them when this JVM ends, however it
 * ends.
 */
final class Hosts implements AutoCloseable {
  /** Status of the script where there can be none; the convention of test harnesses for a skip. */
  private static final int CANNOT = 77;

  /** Addresses behind the first. */
  static final int MOST = 240;

  /**
   * A line of {@code /proc/PID/net/dev}: eight figures of what came in, then eight of what went.
   */
  private static final Pattern COUNTERS =
      Pattern.compile("eth0:\\s*(\\d+)(?:\\s+\\d+){7}\\s+(\\d+)");

  private final String name;
  private final Process script;
  private final Map<Integer, Process> first = new TreeMap<>();
  private final List<Process> started = new ArrayList<>();

  /** There can be no namespaces here; the message says why. */
  static final class Unavailable extends Exception {
    private static final long serialVersionUID = 1L;

    Unavailable(String why) {
      super(why);
    }
  }

  /**
   * Of each host, in each direction.
   *
   * @param rate as {@code tc} takes it, such as {@code 1gbit}
   * @param delay such as {@code 100us}, or 0
   */
  record Link(String rate, String delay) {}

  /**
   * Bytes through the link of a host since it was made, headers included.
   *
   * @param in into the host
   * @param out out of it
   */
  record Traffic(long in, long out) {
    Traffic since(Traffic before) {
      return new Traffic(in - before.in, out - before.out);
    }
  }

  private Hosts(String name, Process script) {
    this.name = name;
    this.script = script;
  }

  /**
   * Makes hosts 0 to {@code count - 1}.
   *
   * @throws Unavailable where this machine or this user can have none
   */
  static Hosts up(int count, Link link) throws Unavailable, IOException, InterruptedException {
    // No other run on this machine has the same.
    return up("uio" + Long.toHexString(ThreadLocalRandom.current().nextLong()), count, link);
  }

  /** The same under a name of one's own. */
  static Hosts up(String name, int count, Link link)
      throws Unavailable, IOException, InterruptedException {
    Path said = Files.createTempFile("uio-hosts-", ".log");
    try {
      // A session of its own: a signal to the group of this JVM does not reach it.
      Process script =
          new ProcessBuilder(
                  "setsid",
                  "bash",
                  script().toString(),
                  name,
                  Integer.toString(count),
                  link.rate(),
                  link.delay())
              .redirectError(said.toFile())
              .start();
      BufferedReader answers = script.inputReader(StandardCharsets.UTF_8);
      if ("up".equals(answers.readLine())) {
        return new Hosts(name, script);
      }
      int status = script.waitFor();
      String why = Files.readString(said).strip();
      if (status == CANNOT) {
        throw new Unavailable(why);
      }
      throw new IOException("no hosts: " + why);
    } finally {
      Files.delete(said);
    }
  }

  private static Path script() {
    try {
      return Path.of(Hosts.class.getResource("hosts.sh").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins the names of the namespaces. */
  String name() {
    return name;
  }

  String address(int host) {
    return "10.78.0." + (10 + host);
  }

  /** Starts a command on a host, with more in its environment; its output goes to a file. */
  Process start(int host, Map<String, String> environment, Path log, List<String> command)
      throws IOException {
    List<String> there = new ArrayList<>(List.of("ip", "netns", "exec", name + "-" + host));
    there.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(there).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    first.putIfAbsent(host, process);
    return process;
  }

  /** What the link of a host has carried; some process must run there. */
  Traffic traffic(int host) {
    Path counters = Path.of("/proc/" + first.get(host).pid() + "/net/dev");
    try {
      Matcher found = COUNTERS.matcher(Files.readString(counters));
      if (!found.find()) {
        throw new IllegalStateException(counters + " has no eth0");
      }
      return new Traffic(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills what runs on the hosts, and removes them. */
  @Override
  public void close() throws IOException {
    started.forEach(Process::destroyForcibly);
    script.getOutputStream().close();
    script.onExit().join();
  }
}
