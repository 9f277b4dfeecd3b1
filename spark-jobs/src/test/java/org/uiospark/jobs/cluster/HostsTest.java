package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;

@Tag("cluster")
class HostsTest {
  private static final Link LINK = new Link("1gbit", "0");

  @TempDir Path folder;

  /** Makes two hosts, says a process that sleeps on one of them, and waits to be killed. */
  static final class Holder {
    public static void main(String[] folder) throws Exception {
      Hosts hosts = null;
      try {
        hosts = Hosts.up(2, LINK);
      } catch (Hosts.Unavailable e) {
        System.out.println("skipped: " + e.getMessage());
        return;
      }
      Process sleeps =
          hosts.start(1, Map.of(), Path.of(folder[0], "log"), List.of("sleep", "1000"));
      System.out.println(hosts.name() + " " + sleeps.pid());
      Thread.sleep(Duration.ofHours(1).toMillis());
    }
  }

  @Test
  @Timeout(120)
  void nothingIsLeftWhenWhoeverMadeThemIsKilled() throws Exception {
    List<String> command = new ArrayList<>(ChildJvm.command("64m"));
    command.addAll(List.of(Holder.class.getName(), folder.toString()));
    Process holder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader answers = holder.inputReader(StandardCharsets.UTF_8);
    String answer = answers.readLine();
    assumeTrue(answer == null || !answer.startsWith("skipped"), answer);
    String[] words = answer.split(" ");
    ProcessHandle sleeps = ProcessHandle.of(Long.parseLong(words[1])).orElseThrow();
    assertThat(namespaces()).contains(words[0] + "-0", words[0] + "-1", words[0] + "-switch");

    holder.destroyForcibly().waitFor();

    sleeps.onExit().join();
    while (namespaces().contains(words[0])) {
      Thread.sleep(20);
    }
  }

  @Test
  void linksCountWhatTheyCarryAndTwoNetworksDoNotMeet() throws Exception {
    try (Hosts hosts = up();
        Hosts others = up()) {
      hosts.start(0, Map.of(), folder.resolve("idle"), List.of("sleep", "1000"));
      others.start(0, Map.of(), folder.resolve("others"), List.of("sleep", "1000"));
      Process sender =
          shell(
              hosts,
              1,
              "exec 3<>/dev/udp/"
                  + hosts.address(0)
                  + "/9; "
                  + "for i in {1..100}; do printf '%1000s' x >&3; done");
      Traffic before = others.traffic(0);
      assertThat(sender.waitFor()).isZero();

      assertThat(hosts.traffic(0).in()).isGreaterThan(50_000);
      assertThat(others.traffic(0).since(before).in()).isLessThan(10_000);
    }
  }

  @Test
  void whatIsNoRateIsSaidAndNothingIsLeft() throws Exception {
    up().close();
    String name = "uio-wrong-" + ProcessHandle.current().pid();

    assertThatThrownBy(() -> Hosts.up(name, 1, new Link("fast", "0")))
        .hasMessageContaining("illegal value for \"rate\"");
    assertThat(namespaces()).doesNotContain(name);
  }

  private Process shell(Hosts hosts, int host, String script) throws Exception {
    return hosts.start(host, Map.of(), folder.resolve("shell"), List.of("bash", "-c", script));
  }

  private static Hosts up() throws Exception {
    try {
      return Hosts.up(2, LINK);
    } catch (Hosts.Unavailable e) {
      return abort("skipped: " + e.getMessage());
    }
  }

  private static String namespaces() throws Exception {
    Process list = new ProcessBuilder("ip", "netns", "list").start();
    return new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
