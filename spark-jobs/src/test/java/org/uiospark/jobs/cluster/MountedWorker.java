package org.uiospark.jobs.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A worker of a cluster in a mount namespace of its own: a disk that is mounted there is seen by it
 * and its executors alone, as on a machine of its own.
 */
record MountedWorker(Process process) {
  /**
   * Ends a worker of a cluster and starts it again in a namespace, where that is permitted.
   *
   * @param cluster folder of the cluster
   * @param environment on top of that of the worker
   */
  static MountedWorker inPlaceOf(Path cluster, String name, Map<String, String> environment)
      throws Exception {
    ProcessHandle worker =
        Daemon.running(cluster).stream()
            .filter(daemon -> daemon.name().equals(name))
            .flatMap(daemon -> daemon.process().running().stream())
            .findFirst()
            .orElseThrow();
    List<String> command = new ArrayList<>();
    if (run("unshare", "-m", "true")) {
      command.addAll(List.of("unshare", "-m", "--propagation", "private"));
    }
    command.addAll(words(worker, "cmdline"));
    File log = Daemon.log(cluster, name + "-mounted").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    for (String variable : words(worker, "environ")) {
      String[] pair = variable.split("=", 2);
      builder.environment().put(pair[0], pair[1]);
    }
    builder.environment().putAll(environment);
    worker.destroy();
    worker.onExit().join();
    return new MountedWorker(builder.start());
  }

  private static List<String> words(ProcessHandle process, String file) throws IOException {
    byte[] text = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), file));
    return Arrays.asList(new String(text, StandardCharsets.UTF_8).split("\0"));
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  private void inNamespace(String... command) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(process.pid()), "-m"));
    words.addAll(List.of(command));
    if (!run(words.toArray(String[]::new))) {
      throw new IOException(words + " failed");
    }
  }

  /** Mounts an empty disk over a folder; a test that needs one is skipped where it cannot be. */
  void mount(Path folder, int kibibytes) throws Exception {
    assumeTrue(run("unshare", "-m", "true"), "skipped: this user may not make a mount namespace");
    String at = folder.toAbsolutePath().toString();
    inNamespace("mount", "-t", "tmpfs", "-o", "size=" + kibibytes + "k", "tmpfs", at);
  }

  /** Takes it away; processes that still end may have files open there. */
  void unmount(Path folder) throws Exception {
    inNamespace("umount", "-l", folder.toAbsolutePath().toString());
  }

  /** A path as the worker sees it. */
  Path seen(Path path) {
    return Path.of("/proc", Long.toString(process.pid()), "root" + path.toAbsolutePath());
  }

  /** The processes that it runs for an application. */
  List<ProcessHandle> executors() {
    return process.children().toList();
  }

  void end() {
    process.destroy();
    process.onExit().join();
  }
}
