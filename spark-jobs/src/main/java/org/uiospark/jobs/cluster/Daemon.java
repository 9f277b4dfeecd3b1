package org.uiospark.jobs.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.launcher.JavaModuleOptions;
import org.uiospark.jobs.process.ProcessIdentity;

/**
 * A master or worker in a process of its own that outlives this one. {@code NAME.pid} tells which
 * process: its id, when it was started, and on which machine.
 */
record Daemon(String name, ProcessIdentity process) {
  private static final String SUFFIX = ".pid";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Starts {@code mainClass} on the class path of this JVM; its output goes to a log file. */
  static Daemon start(
      String name,
      Path folder,
      Map<String, String> environment,
      List<String> jvmOptions,
      String mainClass,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    // Only Spark's MLlib wants that module, and the JVM warns of it.
    command.remove("--add-modules=jdk.incubator.vector");
    // They do little, and start sooner without the optimizing compiler and many threads.
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
    command.addAll(arguments);
    File log = log(folder, name).toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
    builder.environment().putAll(environment);
    try {
      return recorded(builder.start(), folder, name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Records the process, or ends it: without the record nobody would ever stop it. */
  private static Daemon recorded(Process started, Path folder, String name) throws IOException {
    try {
      ProcessIdentity process = ProcessIdentity.of(started.toHandle());
      Files.writeString(
          folder.resolve(name + SUFFIX),
          String.format(
              Locale.ROOT, "%d %s %s", process.pid(), process.since(), process.machine()));
      return new Daemon(name, process);
    } catch (IOException e) {
      started.destroyForcibly();
      throw e;
    }
  }

  /** The daemons of a folder that run, in the order of their names. */
  static List<Daemon> running(Path folder) {
    List<Daemon> daemons = new ArrayList<>();
    for (Path file : pidFiles(folder)) {
      String name = file.getFileName().toString().replace(SUFFIX, "");
      read(file)
          .map(process -> new Daemon(name, process))
          .filter(Daemon::isAlive)
          .ifPresent(daemons::add);
    }
    return daemons;
  }

  private static List<Path> pidFiles(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<ProcessIdentity> read(Path file) {
    try {
      String[] words = Files.readString(file).strip().split(" ", 3);
      if (words.length != 3) {
        // Its writer died in the middle, and the process with it or not: doubtful, so not ours.
        return Optional.empty();
      }
      return Optional.of(
          new ProcessIdentity(words[2], Long.parseLong(words[0]), Instant.parse(words[1])));
    } catch (NoSuchFileException | NumberFormatException | DateTimeParseException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path log(Path folder, String name) {
    return folder.resolve("logs").resolve(name + ".log");
  }

  boolean isAlive() {
    return process.running().isPresent();
  }

  /** Asks it to end, so that a worker ends its executors. */
  void askToEnd() {
    process.running().ifPresent(ProcessHandle::destroy);
  }

  /** Ends it: asked first; after 20 seconds it has to. */
  void stop(Path folder) {
    askToEnd();
    try {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (isAlive() && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      process.running().ifPresent(ProcessHandle::destroyForcibly);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      Files.deleteIfExists(folder.resolve(name + SUFFIX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
