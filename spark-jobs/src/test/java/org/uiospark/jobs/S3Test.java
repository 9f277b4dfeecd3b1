package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentSettings;

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

  /** Bytes; over two parts of an upload. */
  private static final int LARGE = 11 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static S3Environment environment;
  private static S3Server s3;

  @BeforeAll
  static void start() throws Exception {
    environment = new S3Environment(folder, SEED);
    s3 = environment.server();
    s3.createBucket("uio");
    s3.createBucket("once");
    s3.createBucket("large");
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

  @Test
  void aFileIsCreatedOnceAlsoWhenTheAnswerIsLost() throws Exception {
    OutputFolder output = OutputFolder.of("s3a://once/at", ConfiguredCommand.hadoop());

    s3.network().loseAnswer("PUT /once/at/mine");
    assertThat(output.create("mine", "mine".getBytes(UTF_8))).isTrue();
    assertThat(output.create("mine", "other".getBytes(UTF_8))).isFalse();
    assertThat(output.read("mine")).asString(UTF_8).isEqualTo("mine");
  }

  @Test
  void aLockIsRenewedWithoutAnAtomicRenameAndKeptThroughASpoiltNetwork() throws Exception {
    OutputFolder output = OutputFolder.of("s3a://once/leased", ConfiguredCommand.hadoop());

    s3.network().spoil(SPOILT);
    try (OutputLock lock = OutputLock.acquire(output, Duration.ofSeconds(5))) {
      while (!output.has("train.lease")) {
        lock.requireHeld();
        Thread.sleep(20);
      }
      lock.requireHeld();
    } finally {
      s3.network().spoil(0);
    }

    assertThat(s3.objects("once")).doesNotContainKeys("leased/train.lock", "leased/train.lease");
  }

  @Test
  void anObjectOfSeveralPartsIsSeenWholeOrNotAtAll() throws Exception {
    OutputFolder output = OutputFolder.of("s3a://large/run", ConfiguredCommand.hadoop());
    CheckpointStore store = new CheckpointStore(output);
    Checkpoint checkpoint = large(1);
    s3.network().spoil(SPOILT);
    store.save(checkpoint, Losses.UNKNOWN);
    // The next one is killed while it writes its adapter.
    OutputFolder next = store.folder(2);
    FSDataOutputStream killed = next.fs().create(next.file(AdapterFiles.TENSORS));
    killed.write(new byte[LARGE]);

    assertThat(s3.unfinishedUploads("large")).isNotEmpty();
    assertThat(next.has(AdapterFiles.TENSORS)).isFalse();
    Checkpoint loaded = store.latestWhole().orElseThrow();
    s3.network().spoil(0);
    assertThat(loaded.adapter().values()).isEqualTo(checkpoint.adapter().values());
    assertThat(loaded.firstMoment()).isEqualTo(checkpoint.firstMoment());
    Map<String, byte[]> objects = s3.objects("large");
    assertThat(objects.get("run/checkpoints/step-1/adapter.safetensors").length)
        .isGreaterThan(LARGE);
    Set<String> expected = new CommittedObjects(objects).checkpoint("run/checkpoints/step-1/");
    expected.add("run/checkpoints/latest");
    // As a reader lists it: the store behind the server keeps parts as objects of its own.
    RemoteIterator<LocatedFileStatus> listed = output.fs().listFiles(output.root(), true);
    Set<String> seen = new TreeSet<>();
    while (listed.hasNext()) {
      seen.add(listed.next().getPath().toUri().getPath().substring(1));
    }
    assertThat(seen).isEqualTo(expected);
    killed.abort();
  }

  /** A checkpoint whose adapter and optimizer are uploads of three parts and more. */
  private static Checkpoint large(long step) {
    AdapterShape shape = new AdapterShape(2, 512, 512, 512, 384, 384);
    float[] values = new float[shape.size()];
    Random random = new Random(SEED);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    AdapterConfig.BaseModel base =
        new AdapterConfig.BaseModel("large", "f".repeat(64), 512, 2, 512, 512, 30);
    return new Checkpoint(
        AdapterConfig.of(base, new SegmentSettings(16, 4), shape, Map.of()),
        new Adapter(shape, values),
        values,
        values,
        new TrainerState(
            TrainerState.FORMAT_VERSION, step, 7, "f".repeat(64), "", Map.of(), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://none-such/x", "s3a://locked/x", ROOT + "nothing"})
  void whatIsNotThereOrNotAllowedIsToldInOneLine(String uri) {
    String bucket = URI.create(uri).getHost();
    String says =
        switch (bucket) {
          case "none-such" -> "there is no such bucket";
          case S3Environment.LOCKED -> "access denied; give AWS_ACCESS_KEY_ID";
          default -> uri;
        };
    String model = CommandInput.TINY.toString();
    String tokenizer = model + "/tokenizer.json";
    String book = CommandInput.BOOK.toString();
    refused(says, "export", "--checkpoint", uri, "--output", ROOT + "new");
    refused(says, "audit", "--model", uri, "--adapter", ROOT + "x", "--tokens", tokenizer);
    if (bucket.equals(S3Environment.LOCKED)) {
      refused(
          says, "prep", "--input", book, "--output", ROOT + "new", "--tokenizer", uri + "/t.json");
      refused(says, "generate", "--model", model, "--adapter", uri, "--prompt-file", tokenizer);
      refused(says, "generate", "--model", model, "--adapter", ROOT + "x", "--prompt-file", uri);
      refused(says, "audit", "--model", model, "--adapter", uri, "--tokens", tokenizer);
      refused(says, "checkpoints", "list", "--output", uri);
      refused(bucket, "prep", "--input", book, "--output", uri, "--tokenizer", tokenizer);
      refused(says, "prep", "--input", uri, "--output", ROOT + "new", "--tokenizer", tokenizer);
    } else if (bucket.equals("uio")) {
      refused(says, "train", "--model", model, "--data", uri, "--output", ROOT + "new");
    } else {
      refused(says, "train", "--model", uri, "--data", ROOT + "x", "--output", ROOT + "new");
    }
    assertThat(environment.said()).doesNotContain(S3Server.SECRET);
  }

  private static void refused(String says, String... words) {
    CommandRun run = CommandRun.of((Object[]) words);
    assertRefused(run, says);
    assertThat(run.err()).doesNotContain(S3Server.SECRET);
  }

  @Test
  void credentialsInAUriAreRefusedAndNotRepeated() {
    String login = "s3a://" + S3Server.KEY + ":" + S3Server.SECRET + "@uio/run";
    String says = "holds credentials in its URI";
    refused("train.output " + says, "train", "--model", "m", "--data", "d", "--output", login);
    refused("prep.input " + says, "prep", "--input", "a", login, "--output", "d");
    refused("export.checkpoint " + says, "export", "--checkpoint", login, "--output", "d");
    refused("generate.prompt-file " + says, "generate", "--prompt-file", login);
    refused("train.steps " + says, "train", "--steps", login);
    refused("s3a://***", "train", login);
    refused("s3a:/***", "train", "--conf", login);
    assertThat(environment.said()).doesNotContain(S3Server.SECRET);
  }
}
