package org.uiospark.jobs.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.ChildJvm;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.model.input.InvalidInputException;

/**
 * Commands over {@code hdfs://} in JVMs of their own, killed in the middle; {@code -Duio.seed=N}
 * for other moments.
 */
@Tag("cluster")
@Timeout(300)
class HdfsTest {
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final int STEPS = 12;

  /** What a process ends with after SIGKILL. */
  private static final int KILLED = 128 + 9;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static java.nio.file.Path folder;
  private static Hdfs hdfs;
  private static FileSystem files;

  private static final List<Process> STARTED = new ArrayList<>();

  private final Random random = new Random(SEED);

  @BeforeAll
  static void start() throws Exception {
    hdfs = new Hdfs(folder.resolve("hdfs"));
    files = hdfs.files();
    java.nio.file.Path input = Files.createDirectories(folder.resolve("local/in"));
    String book =
        Files.readString(
            java.nio.file.Path.of(
                "src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt"));
    for (int i = 0; i < 4; i++) {
      String name = String.format(Locale.ROOT, "book-%d.txt", i);
      Files.writeString(input.resolve(name), book.substring(9_000 * i, 9_000 * (i + 1)));
    }
    files.copyFromLocalFile(new Path(input.toUri()), new Path("/in"));
    files.copyFromLocalFile(
        new Path(java.nio.file.Path.of(TrainingDriver.MODEL).toUri()), new Path("/model"));
    awaitDone(prep("local-prep", local(), TrainingDriver.MODEL), "local-prep");
  }

  private static String local() {
    return folder.resolve("local").toString();
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @AfterEach
  void endAll() {
    STARTED.forEach(Process::destroyForcibly);
  }

  @Test
  void killedInTheMiddleAndRunAgainItHasTheBitsOfALocalRunThatNobodyDisturbed() throws Exception {
    String data = local() + "/data";
    awaitDone(train("local-train", data, local() + "/run", TrainingDriver.MODEL), "local-train");

    String root = hdfs.uri("");
    String model = hdfs.uri("/model");
    Process killed = prep("prep", root, model);
    while (names("/data").noneMatch(name -> name.startsWith(AtomicWrite.UNCOMMITTED))) {
      assertThat(killed.isAlive()).as(() -> said("prep")).isTrue();
      Thread.sleep(5);
    }
    kill(killed);
    awaitDone(prep("prep", root, model), "prep");
    killed = train("train", root + "/data", root + "/run", model);
    while (!files.exists(new Path("/run/checkpoints/step-4/MANIFEST.json"))) {
      assertThat(killed.isAlive()).as(() -> said("train")).isTrue();
      Thread.sleep(10);
    }
    Thread.sleep(random.nextInt(200));
    kill(killed);
    assertThat(names("/run")).contains("train.lock");
    assertThat(names("/run/checkpoints")).doesNotContain("step-" + STEPS);
    awaitDone(train("train", root + "/data", root + "/run", model, "--resume"), "train");

    assertThat(said("train")).contains("Taking over the lock of process " + killed.pid());
    assertThat(names("/run")).doesNotContain("train.lock", "train.lease");
    List<String> arrow = names("/data").filter(name -> name.endsWith(".arrow")).toList();
    try (Stream<java.nio.file.Path> written = Files.list(java.nio.file.Path.of(data))) {
      assertThat(written.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".arrow"))
          .containsExactlyInAnyOrderElementsOf(arrow)
          .isNotEmpty();
    }
    for (String name : arrow) {
      assertSameBytes("data/" + name);
    }
    assertSameBytes("run/checkpoints/step-" + STEPS + "/adapter.safetensors");
    assertSameBytes("run/checkpoints/step-" + STEPS + "/optimizer.safetensors");
    assertThat(losses(read("/run/metrics.jsonl")))
        .hasSize(STEPS)
        .isEqualTo(losses(Files.readAllBytes(folder.resolve("local/run/metrics.jsonl"))));
    assertThat(files.getFileBlockLocations(new Path("/model/model.safetensors"), 0, 1 << 30))
        .as("a file of several blocks")
        .hasSizeGreaterThan(10);
  }

  @Test
  void oneOfManyHoldsTheLockAndTrainIsRefusedBesideIt() throws Exception {
    OutputFolder output = OutputFolder.of(hdfs.uri("/locked"), files.getConf());
    ExecutorService threads = Executors.newFixedThreadPool(8);
    Callable<OutputLock> oneTry =
        () -> {
          try {
            return OutputLock.acquire(output, Duration.ofSeconds(30));
          } catch (InvalidInputException e) {
            assertThat(e).hasMessageContaining("is locked: ");
            return null;
          }
        };
    List<OutputLock> won = new ArrayList<>();
    for (Future<OutputLock> one : threads.invokeAll(Collections.nCopies(8, oneTry))) {
      if (one.get() != null) {
        won.add(one.get());
      }
    }
    threads.shutdown();
    assertThat(won).hasSize(1);
    assertThat(names("/locked")).containsExactly("train.lock");

    String locked = hdfs.uri("/locked");
    Process second = train("second", local() + "/data", locked, TrainingDriver.MODEL, "--resume");
    assertThat(second.waitFor()).as(() -> said("second")).isEqualTo(2);
    assertThat(said("second").lines().filter(line -> line.startsWith("uio: ")))
        .singleElement()
        .asString()
        .contains("output " + locked + " is locked: process " + ProcessHandle.current().pid());

    files.delete(new Path("/locked/train.lock"), false);
    assertThatThrownBy(won.get(0)::requireHeld)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is no longer locked by this run");
    won.get(0).close();
  }

  @Test
  void aHolderOfAnotherMachineIsWaitedForAndLeftAloneWhileItRenews() throws Exception {
    OutputFolder output = OutputFolder.of(hdfs.uri("/far"), files.getConf());
    output.create();
    String lock =
        """
        {"id": "a", "host": "box-7", "machine": "m", "pid": 4711, "since": "2026-01-02T03:04:05Z",
         "lease_seconds": 2}
        """;
    assertThat(output.create("train.lock", lock.getBytes(UTF_8))).isTrue();
    ExecutorService holder = Executors.newSingleThreadExecutor();
    AtomicBoolean alive = new AtomicBoolean(true);
    Future<?> renewals =
        holder.submit(
            () -> {
              for (int count = 1; alive.get(); count++) {
                String sign = "{\"id\": \"a\", \"count\": " + count + "}";
                output.replace("train.lease", sign.getBytes(UTF_8));
                Thread.sleep(500);
              }
              return null;
            });
    assertThatThrownBy(() -> OutputLock.acquire(output, Duration.ofSeconds(5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("process 4711 on box-7")
        .hasMessageContaining("renewed just now");
    alive.set(false);
    renewals.get();
    holder.shutdown();

    long begin = System.nanoTime();
    try (OutputLock taken = OutputLock.acquire(output, Duration.ofSeconds(5))) {
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(2));
      taken.requireHeld();
    }
    assertThat(names("/far")).isEmpty();
  }

  private static Process prep(String log, String root, String model) throws IOException {
    return command(
        log,
        "prep",
        "--input=" + root + "/in",
        "--output=" + root + "/data",
        "--tokenizer=" + model + "/tokenizer.json",
        "--segment-length=32",
        "--max-segments=8");
  }

  private static Process train(
      String log, String data, String output, String model, String... options) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "train",
                "--model=" + model,
                "--data=" + data,
                "--output=" + output,
                "--steps=" + STEPS,
                "--batch=2",
                "--segment-length=32",
                "--memory-tokens=8",
                "--rank=4",
                "--estimator=unbiased",
                "--window=2",
                "--checkpoint-every=2"));
    words.addAll(List.of(options));
    return command(log, words.toArray(String[]::new));
  }

  /** Starts the command as a user does; both streams go to the log. */
  private static Process command(String log, String... words) throws IOException {
    List<String> command = ChildJvm.command("1g");
    command.addAll(List.of("-Dspark.master=local[2]", "-Dspark.driver.host=127.0.0.1"));
    command.addAll(List.of("-Dspark.ui.enabled=false", Hdfs.blocks(), "org.uiospark.jobs.Main"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(log).toFile()));
    builder.environment().put("UIO_CACHE_DIR", folder.resolve("cache").toString());
    Process process = builder.start();
    STARTED.add(process);
    return process;
  }

  private static java.nio.file.Path log(String name) {
    return folder.resolve(name + ".log");
  }

  private static String said(String log) {
    try {
      return Files.readString(log(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly();
    assertThat(process.waitFor()).isEqualTo(KILLED);
  }

  private static void awaitDone(Process process, String log) throws InterruptedException {
    assertThat(process.waitFor()).as(() -> said(log)).isZero();
  }

  private static Stream<String> names(String path) throws IOException {
    Path folder = new Path(path);
    return files.exists(folder)
        ? Stream.of(files.listStatus(folder)).map(FileStatus::getPath).map(Path::getName)
        : Stream.empty();
  }

  private static byte[] read(String path) throws IOException {
    try (InputStream in = files.open(new Path(path))) {
      return in.readAllBytes();
    }
  }

  private static void assertSameBytes(String name) throws IOException {
    assertThat(read("/" + name))
        .as(name)
        .isNotEmpty()
        .isEqualTo(Files.readAllBytes(folder.resolve("local").resolve(name)));
  }

  private static TreeMap<Integer, Double> losses(byte[] metrics) throws IOException {
    TreeMap<Integer, Double> losses = new TreeMap<>();
    for (String line : new String(metrics, UTF_8).lines().toList()) {
      JsonNode step = JSON.readTree(line);
      losses.put(step.get("step").intValue(), step.get("loss").doubleValue());
    }
    return losses;
  }
}
