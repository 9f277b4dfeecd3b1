package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.model.input.InvalidInputException;

/**
 * Every command over {@code s3a://}, against a real S3 server behind a network that spoils requests
 * as {@code -Duio.seed=N} says.
 */
@Tag("cluster")
class S3Test {
  private static final Logger LOG = LoggerFactory.getLogger(S3Test.class);
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final double SPOILT = 0.1;
  private static final int STEPS = 3;
  private static final String ROOT = "s3a://uio/";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static S3Environment environment;
  private static S3Server s3;

  @BeforeAll
  static void start() throws Exception {
    environment = new S3Environment(folder, SEED);
    s3 = environment.server();
    s3.createBucket("uio");
  }

  @AfterAll
  static void stop() throws Exception {
    environment.stop();
  }

  @Test
  void theAdapterHasTheBitsOfALocalRunAndNothingUncommittedIsLeft() throws Exception {
    Path local = Files.createDirectories(folder.resolve("local"));
    String book = Files.readString(CommandInput.BOOK);
    write(local, "texts/a.txt", book.substring(2000, 3500));
    write(local, "texts/b.txt", book.substring(6000, 7500));
    write(local, "more/c.txt", book.substring(9000, 9700));
    write(local, "prompt.txt", "The boy ran home.");
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Path copy = local.resolve("model").resolve(name);
      Files.createDirectories(copy.getParent());
      Files.copy(CommandInput.TINY.resolve(name), copy);
    }
    Set<String> expected = upload(local);
    String here = local + "/";
    prep(here, "texts");
    train(here, "--keep-last", "1");

    s3.network().spoil(SPOILT);
    prep(ROOT, "texts");
    train(ROOT, "--keep-last", "2");
    leaveAsIfKilled();
    train(ROOT, "--keep-last", "1", "--resume", "--lease-seconds", "5");
    assertThat(environment.said()).contains("Taking over the lock of process 4712 on box-8");
    run("checkpoints", "verify", "--output", ROOT + "run");
    run("export", "--checkpoint", ROOT + "run", "--output", ROOT + "adapter");
    run(
        "evaluate",
        "--model",
        ROOT + "model",
        "--adapter",
        ROOT + "adapter",
        "--data",
        ROOT + "data",
        "--lengths",
        "64",
        "--output",
        ROOT + "evaluation");
    run(
        "generate",
        "--model",
        ROOT + "model",
        "--adapter",
        ROOT + "adapter",
        "--prompt-file",
        ROOT + "prompt.txt",
        "--max-new-tokens",
        "4");
    CommandRun more = prep(ROOT, "texts", "more");
    s3.network().spoil(0);
    LOG.warn("{} requests, spoilt {}", s3.network().requests(), s3.network().faults());

    Map<String, byte[]> objects = s3.objects("uio");
    String checkpoint = "run/checkpoints/step-" + STEPS + "/adapter.safetensors";
    byte[] adapter = Files.readAllBytes(local.resolve(checkpoint));
    assertThat(objects.get(checkpoint)).isEqualTo(adapter);
    assertThat(objects.get("adapter/adapter.safetensors")).isEqualTo(adapter);
    assertThat(more.out()).contains("1 new documents").contains("2 documents were there already");
    assertThat(new String(objects.get("run/metrics.jsonl"), UTF_8).lines())
        .hasSize(STEPS)
        .allSatisfy(line -> assertThat(JSON.readTree(line).get("loss").isNumber()).isTrue());
    assertThat(s3.network().faults()).containsOnlyKeys(FaultyNetwork.Fault.values());

    CommittedObjects committed = new CommittedObjects(objects);
    expected.addAll(committed.dataSet("data/", 2));
    // Retention has deleted all before it.
    expected.addAll(committed.run("run/", STEPS, 2));
    expected.addAll(CommittedObjects.evaluation("evaluation/"));
    expected.addAll(CommittedObjects.export("adapter/"));
    assertThat(objects.keySet().stream().filter(name -> !name.endsWith("/")))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(
            S3Environment.files(ROOT)
                .listStatus(new org.apache.hadoop.fs.Path(ROOT + "run/checkpoints")))
        .extracting(status -> status.getPath().getName())
        .containsExactlyInAnyOrder("latest", "step-" + STEPS);
    assertThat(s3.unfinishedUploads("uio")).isEmpty();
    assertNoSecret(objects);
  }

  private static void write(Path under, String name, String text) throws IOException {
    Path file = under.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static Set<String> upload(Path local) throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> tree = Files.walk(local)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String name = local.relativize(file).toString();
        names.add(name);
        S3Environment.files(ROOT)
            .copyFromLocalFile(
                new org.apache.hadoop.fs.Path(file.toUri()),
                new org.apache.hadoop.fs.Path(ROOT + name));
      }
    }
    return names;
  }

  private static CommandRun prep(String root, String... inputs) {
    String[] words = {
      "prep",
      "--output",
      root + "data",
      "--segment-length",
      "32",
      "--tokenizer",
      root + "model/tokenizer.json",
      "--input"
    };
    return run(
        Stream.concat(Stream.of(words), Stream.of(inputs).map(input -> root + input))
            .toArray(String[]::new));
  }

  private static void train(String root, String... options) {
    String[] words = {
      "train",
      "--model",
      root + "model",
      "--data",
      root + "data",
      "--output",
      root + "run",
      "--steps",
      Integer.toString(STEPS),
      "--batch",
      "2",
      "--segment-length",
      "32",
      "--memory-tokens",
      "8",
      "--rank",
      "4",
      "--estimator",
      "unbiased",
      "--window",
      "2",
      "--checkpoint-every",
      "1"
    };
    run(Stream.concat(Stream.of(words), Stream.of(options)).toArray(String[]::new));
  }

  private static CommandRun run(String... words) {
    CommandRun run = CommandRun.of((Object[]) words);
    assertThat(run.err()).as(String.join(" ", words)).isEmpty();
    assertThat(run.status()).as(environment::said).isZero();
    return run;
  }

  /** As if the run had been killed on another machine while it wrote its last checkpoint. */
  private static void leaveAsIfKilled() throws IOException {
    OutputFolder newest =
        OutputFolder.of(ROOT + "run/checkpoints/step-" + STEPS, ConfiguredCommand.hadoop());
    newest.fs().delete(newest.file("MANIFEST.json"), false);
    newest.replace("adapter.safetensors", new byte[100]);
    OutputFolder output = OutputFolder.of(ROOT + "run", ConfiguredCommand.hadoop());
    String lock =
        """
        {"id": "a", "host": "box-7", "machine": "m", "pid": 4711, "since": "2026-01-02T03:04:05Z"}
        """;
    assertThat(output.create("train.lock", lock.getBytes(UTF_8))).isTrue();
    assertThatThrownBy(() -> OutputLock.acquire(output, Duration.ofMinutes(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("process 4711 on box-7")
        .hasMessageContaining("checkpoints unlock --output " + ROOT + "run");
    assertThat(run("checkpoints", "unlock", "--output", ROOT + "run").out())
        .contains("process 4711 on box-7");
    // A version that renews its lock needs no unlocking.
    String renewed =
        lock.replace("4711", "4712")
            .replace("box-7", "box-8")
            .replace("}", ", \"lease_seconds\": 2}");
    assertThat(output.create("train.lock", renewed.getBytes(UTF_8))).isTrue();
    output.replace("train.lease", "{\"id\": \"a\", \"count\": 3}".getBytes(UTF_8));
  }

  private static void assertNoSecret(Map<String, byte[]> objects) throws IOException {
    objects.forEach(
        (name, bytes) ->
            assertThat(new String(bytes, UTF_8)).as(name).doesNotContain(S3Server.SECRET));
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), UTF_8))
            .as(file.toString())
            .doesNotContain(S3Server.SECRET);
      }
    }
    assertThat(environment.said()).contains("spoilt").doesNotContain(S3Server.SECRET);
  }
}
