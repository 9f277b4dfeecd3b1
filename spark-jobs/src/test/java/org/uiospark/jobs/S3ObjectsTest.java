package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What a bucket holds is whole, over a network that spoils requests as {@code -Duio.seed=N} says.
 */
@Tag("cluster")
class S3ObjectsTest {
  private static final long SEED = Long.getLong("uio.seed", 1);
  private static final double SPOILT = 0.1;

  /** Bytes; over two parts of an upload. */
  private static final int LARGE = 11 << 20;

  @TempDir static Path folder;
  private static S3Environment environment;
  private static S3Server s3;

  @BeforeAll
  static void start() throws Exception {
    environment = new S3Environment(folder, SEED);
    s3 = environment.server();
    s3.createBucket("once");
    s3.createBucket("large");
  }

  @AfterAll
  static void stop() throws Exception {
    environment.stop();
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
}
