package org.uiospark.jobs.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A master or worker in a process of its own that outlives this one. {@code NAME.pid} holds its
 * process id and start time: an id that the system gave to another process since is not taken for
 * it.
 */
record Daemon(String name, ProcessHandle process) {
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
      ProcessHandle process = builder.start().toHandle();
      Files.writeString(folder.resolve(name + SUFFIX), process.pid() + " " + started(process));
      return new Daemon(name, process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those of a folder that run, in the order of their names. */
  static List<Daemon> running(Path folder) {
    List<Daemon> daemons = new ArrayList<>();
    for (Path file : pidFiles(folder)) {
      String name = file.getFileName().toString().replace(SUFFIX, "");
      recorded(file).ifPresent(process -> daemons.add(new Daemon(name, process)));
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

  private static Optional<ProcessHandle> recorded(Path file) {
    try {
      String[] words = Files.readString(file).strip().split(" ");
      if (words.length != 2) {
        // Its writer died in the middle, and the process with it or not: doubtful, so not ours.
        return Optional.empty();
      }
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(process -> process.isAlive() && started(process).equals(words[1]));
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path log(Path folder, String name) {
    return folder.resolve("logs").resolve(name + ".log");
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it: asked first, so that a worker ends its executors; after 20 seconds it has to. */
  void stop(Path folder) {
    process.destroy();
    try {
      process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      Files.deleteIfExists(folder.resolve(name + SUFFIX));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toString).orElse("unknown");
  }
}
