package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.OutputStreamAppender;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.checkpoint.OutputFolder;
import org.uiospark.jobs.checkpoint.OutputLock;
import org.uiospark.model.InvalidInputException;

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
  private static final Map<String, String> PROPERTIES = new TreeMap<>();
  private static final Map<String, String> BEFORE = new TreeMap<>();
  private static final ByteArrayOutputStream SAID = new ByteArrayOutputStream();
  private static OutputStreamAppender log;
  private static S3Server s3;

  @BeforeAll
  static void serverAndSettings() throws Exception {
    s3 = new S3Server(SEED);
    s3.createBucket("uio");
    s3.createBucket("locked");
    s3.createBucket("once");
    settings()
        .forEach(
            (key, value) -> {
              BEFORE.put(key, System.getProperty(key));
              System.setProperty(key, value);
            });
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    // As submit.sh logs: the default of log4j would keep all but errors to itself.
    context.setConfigLocation(Path.of("../conf/log4j2.properties").toAbsolutePath().toUri());
    log =
        OutputStreamAppender.createAppender(
            PatternLayout.newBuilder().withPattern("%p %c %m%n%ex").build(),
            null,
            SAID,
            "said",
            false,
            true);
    log.start();
    context.getConfiguration().getRootLogger().addAppender(log, Level.ALL, null);
  }

  private static Map<String, String> settings() throws IOException {
    // As submit.sh hands them over, with what is local to this server.
    Properties profile = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("../conf/profiles/local.conf"))) {
      profile.load(reader);
    }
    profile.forEach((key, value) -> PROPERTIES.put(key.toString(), value.toString()));
    PROPERTIES.put("spark.master", "local[2]");
    // The native libraries stay where they are, the models that are copied come here.
    PROPERTIES.put("DJL_CACHE_DIR", Path.of(System.getProperty("user.home"), ".djl.ai").toString());
    PROPERTIES.put("user.home", folder.resolve("home").toString());
    hadoop("endpoint", "http://127.0.0.1:" + s3.network().port());
    hadoop("endpoint.region", "us-east-1");
    hadoop("path.style.access", "true");
    hadoop("access.key", S3Server.KEY);
    hadoop("secret.key", S3Server.SECRET);
    hadoop("bucket.locked.secret.key", "another" + S3Server.SECRET);
    hadoop("buffer.dir", folder.resolve("buffers").toString());
    // A test does not wait as long.
    hadoop("retry.interval", "20ms");
    hadoop("retry.throttle.interval", "20ms");
    return PROPERTIES;
  }

  private static void hadoop(String key, String value) {
    PROPERTIES.put("spark.hadoop.fs.s3a." + key, value);
  }

  @AfterAll
  static void asBefore() throws Exception {
    LoggerContext context = (LoggerContext) LogManager.getContext(false);
    context.setConfigLocation(null);
    FileSystem.closeAll();
    BEFORE.forEach(
        (key, value) -> {
          if (value == null) {
            System.clearProperty(key);
          } else {
            System.setProperty(key, value);
          }
        });
    s3.stop();
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
    train(ROOT, "--keep-last", "1", "--resume");
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
    String sum = sum(Files.readAllBytes(local.resolve(checkpoint)));
    assertThat(sum(objects.get(checkpoint))).isEqualTo(sum);
    assertThat(sum(objects.get("adapter/adapter.safetensors"))).isEqualTo(sum);
    assertThat(more.out()).contains("1 new documents").contains("2 ");
    assertThat(new String(objects.get("run/metrics.jsonl"), UTF_8).lines())
        .hasSize(STEPS)
        .allSatisfy(line -> assertThat(JSON.readTree(line).get("loss").isNumber()).isTrue());
    assertThat(s3.network().faults()).containsOnlyKeys(FaultyNetwork.Fault.values());

    expected.addAll(committed(objects));
    assertThat(objects.keySet().stream().filter(name -> !name.endsWith("/")))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(files().listStatus(new org.apache.hadoop.fs.Path(ROOT + "run/checkpoints")))
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
        files()
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
    assertThat(run.status()).as(() -> SAID.toString(UTF_8)).isZero();
    return run;
  }

  /** As if the run had been killed on another machine while it wrote its last checkpoint. */
  private static void leaveAsIfKilled() throws IOException {
    OutputFolder newest =
        OutputFolder.of(ROOT + "run/checkpoints/step-" + STEPS, files().getConf());
    newest.fs().delete(newest.file("MANIFEST.json"), false);
    newest.replace("adapter.safetensors", new byte[100]);
    OutputFolder output = OutputFolder.of(ROOT + "run", files().getConf());
    String lock =
        """
        {"id": "a", "host": "box-7", "machine": "m", "pid": 4711, "since": "2026-01-02T03:04:05Z"}
        """;
    assertThat(output.create("train.lock", lock.getBytes(UTF_8))).isTrue();
    assertThatThrownBy(() -> OutputLock.acquire(output))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("process 4711 on box-7")
        .hasMessageContaining("checkpoints unlock --output " + ROOT + "run");
    assertThat(run("checkpoints", "unlock", "--output", ROOT + "run").out())
        .contains("process 4711 on box-7");
  }

  /** What the README names: all that is committed, and what commits it. */
  private static Set<String> committed(Map<String, byte[]> objects) throws IOException {
    Set<String> names = new TreeSet<>();
    JsonNode state = JSON.readTree(objects.get("data/state.json"));
    state.get("_data_files").forEach(file -> names.add("data/" + file.get("filename").asText()));
    for (JsonNode ledger : state.get("uio").get("ledgers")) {
      String name = "data/" + ledger.get("filename").asText();
      names.add(name);
      assertThat(sum(objects.get(name))).isEqualTo(ledger.get("sha256").asText());
    }
    names.addAll(Set.of("data/state.json", "data/dataset_info.json"));
    names.addAll(Set.of("data/_commit-00000.json", "data/_commit-00001.json"));
    // Retention has deleted all before it.
    String checkpoint = "run/checkpoints/step-" + STEPS + "/";
    names.add(checkpoint + "MANIFEST.json");
    JsonNode manifest = JSON.readTree(objects.get(checkpoint + "MANIFEST.json"));
    for (Map.Entry<String, JsonNode> file : manifest.get("files").properties()) {
      names.add(checkpoint + file.getKey());
      assertThat(sum(objects.get(checkpoint + file.getKey())))
          .isEqualTo(file.getValue().get("sha256").asText());
    }
    names.addAll(Set.of("run/checkpoints/latest", "run/metrics.jsonl", "run/report.html"));
    // A file for the first run and one for the run that went on.
    List<String> events =
        objects.keySet().stream().filter(name -> name.startsWith("run/tensorboard/e")).toList();
    assertThat(events).hasSize(2).allMatch(name -> name.matches("run/tensorboard/events\\..*"));
    names.addAll(events);
    for (String name : new String[] {"perplexity.json", "evaluation.json", "report.html"}) {
      names.add("evaluation/" + name);
    }
    for (String part : new String[] {"peft/encoder/", "peft/transfer/"}) {
      names.add("adapter/" + part + "adapter_config.json");
      names.add("adapter/" + part + "adapter_model.safetensors");
    }
    for (String name :
        new String[] {
          "README.md",
          "adapter.safetensors",
          "adapter_config.json",
          "base_model.json",
          "provenance.json",
          "serving.properties",
          "tokenizer.json"
        }) {
      names.add("adapter/" + name);
    }
    return names;
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
    assertThat(SAID.toString(UTF_8)).contains("spoilt").doesNotContain(S3Server.SECRET);
  }

  @Test
  void aFileIsCreatedOnceAlsoWhenTheAnswerIsLost() throws Exception {
    OutputFolder output = OutputFolder.of("s3a://once/at", files().getConf());

    s3.network().loseAnswer("PUT /once/at/mine");
    assertThat(output.create("mine", "mine".getBytes(UTF_8))).isTrue();
    assertThat(output.create("mine", "other".getBytes(UTF_8))).isFalse();
    assertThat(output.read("mine")).asString(UTF_8).isEqualTo("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://none-such/x", "s3a://locked/x", ROOT + "nothing"})
  void whatIsNotThereOrNotAllowedIsToldInOneLine(String uri) {
    String bucket = URI.create(uri).getHost();
    String says =
        switch (bucket) {
          case "none-such" -> "there is no such bucket";
          case "locked" -> "access denied; give AWS_ACCESS_KEY_ID";
          default -> uri;
        };
    String model = CommandInput.TINY.toString();
    String tokenizer = model + "/tokenizer.json";
    String book = CommandInput.BOOK.toString();
    refused(says, "export", "--checkpoint", uri, "--output", ROOT + "new");
    refused(says, "audit", "--model", uri, "--adapter", ROOT + "x", "--tokens", tokenizer);
    if (bucket.equals("locked")) {
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
    assertThat(SAID.toString(UTF_8)).doesNotContain(S3Server.SECRET);
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
    refused("s3a://***", "train", "--steps", login);
    refused("s3a://***", "train", login);
    refused("s3a:/***", "train", "--conf", login);
    assertThat(SAID.toString(UTF_8)).doesNotContain(S3Server.SECRET);
  }

  private static FileSystem files() throws IOException {
    Configuration configuration = ConfiguredCommand.hadoop();
    return FileSystem.get(URI.create(ROOT), configuration);
  }

  private static String sum(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
