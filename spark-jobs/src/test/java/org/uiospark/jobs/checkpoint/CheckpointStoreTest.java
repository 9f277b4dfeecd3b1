package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.SegmentSettings;

class CheckpointStoreTest {
  private static final AdapterShape SHAPE = new AdapterShape(2, 8, 8, 4, 2, 4);

  @TempDir Path output;

  private CheckpointStore store() {
    return new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
  }

  private Path step(long step) {
    return output.resolve("checkpoints").resolve("step-" + step);
  }

  static Checkpoint checkpoint(long step) {
    float[] first = new float[SHAPE.size()];
    float[] second = new float[SHAPE.size()];
    for (int i = 0; i < first.length; i++) {
      first[i] = i;
      second[i] = step + 0.5f * i;
    }
    AdapterConfig.BaseModel base =
        new AdapterConfig.BaseModel("tiny", "f".repeat(64), 8, 2, 8, 4, 30);
    return new Checkpoint(
        AdapterConfig.of(base, new SegmentSettings(16, 4), SHAPE, Map.of("step", (int) step)),
        Adapter.initial(SHAPE, new float[8], step),
        first,
        second,
        new TrainerState(
            TrainerState.FORMAT_VERSION,
            step,
            7,
            "m".repeat(64),
            "d".repeat(64),
            Map.of("batch", 4, "rank", 2, "lr", 1e-3),
            Map.of()));
  }

  @Test
  void whatIsSavedIsLoaded() {
    store().save(checkpoint(5), Losses.UNKNOWN);

    Checkpoint loaded = store().latestWhole().orElseThrow();
    assertThat(loaded.adapter().values()).containsExactly(checkpoint(5).adapter().values());
    assertThat(loaded.firstMoment()).containsExactly(checkpoint(5).firstMoment());
    assertThat(loaded.secondMoment()).containsExactly(checkpoint(5).secondMoment());
    assertThat(loaded.state()).isEqualTo(checkpoint(5).state());
    assertThat(loaded.config()).isEqualTo(checkpoint(5).config());
  }

  @Test
  void aCheckpointIsFiveFilesAndLatestNamesIt() throws Exception {
    store().save(checkpoint(5), Losses.UNKNOWN);

    try (var files = Files.list(step(5))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "adapter.safetensors",
              "adapter_config.json",
              "optimizer.safetensors",
              "trainer_state.json",
              "MANIFEST.json");
    }
    assertThat(output.resolve("checkpoints/latest")).hasContent("step-5");
  }

  @Test
  void theNewestIsTheLargestStepNotTheLastName() {
    store().save(checkpoint(9), Losses.UNKNOWN);
    store().save(checkpoint(10), Losses.UNKNOWN);

    assertThat(store().steps()).containsExactly(10L, 9L);
    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(10);
  }

  @Test
  void aCheckpointWithoutManifestIsPassedOverAndKept() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    store().save(checkpoint(2), Losses.UNKNOWN);
    Files.delete(step(2).resolve("MANIFEST.json"));

    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
    assertThat(step(2).resolve("adapter.safetensors")).exists();
    assertThatThrownBy(() -> store().load(2))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("step-2 has no MANIFEST.json");
  }

  @Test
  void aTornManifestIsPassedOver() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    store().save(checkpoint(2), Losses.UNKNOWN);
    Path manifest = step(2).resolve("MANIFEST.json");
    byte[] whole = Files.readAllBytes(manifest);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 3}) {
      Files.write(manifest, Arrays.copyOf(whole, length));

      assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
    }
  }

  @Test
  void aDamagedFileOfAnyKindIsPassedOver() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    for (String name :
        new String[] {
          "adapter.safetensors",
          "adapter_config.json",
          "optimizer.safetensors",
          "trainer_state.json"
        }) {
      store().save(checkpoint(2), Losses.UNKNOWN);
      Path file = step(2).resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);

      assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
      assertThatThrownBy(() -> store().load(2))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("SHA-256");
    }
  }

  @Test
  void aShortOrMissingFileIsPassedOver() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    store().save(checkpoint(2), Losses.UNKNOWN);
    Path file = step(2).resolve("optimizer.safetensors");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);

    Files.delete(file);
    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
  }

  @Test
  void whereNoneOfTheFinishedLoadsThatIsRefusedWithWhatIsWrongWithEach() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    store().save(checkpoint(2), Losses.UNKNOWN);
    Files.delete(step(1).resolve("optimizer.safetensors"));
    Files.write(step(2).resolve("adapter.safetensors"), new byte[3]);

    assertThatThrownBy(() -> store().latestWhole())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none of them loads: step-2: adapter.safetensors")
        .hasMessageContaining("3 bytes")
        .hasMessageContaining("; step-1: optimizer.safetensors")
        .hasMessageContaining("it is missing; put back");
  }

  @Test
  void whereNoneWasEverFinishedThereIsNoneYet() throws Exception {
    store().save(checkpoint(2), Losses.UNKNOWN);
    Files.delete(step(2).resolve("MANIFEST.json"));

    assertThat(store().latestWhole()).isEmpty();
    assertThat(step(2).resolve("adapter.safetensors")).exists();
  }

  @Test
  void whatIsLeftOfADeletedOneAloneIsNoFreshStart() throws Exception {
    store().save(checkpoint(2), Losses.UNKNOWN);
    Files.delete(step(2).resolve("MANIFEST.json"));
    Files.write(step(2).resolve("DELETING"), new byte[0]);

    assertThatThrownBy(() -> store().latestWhole())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none of them loads: step-2");
  }

  @Test
  void thereIsNoneInAnOutputThatDoesNotExist() {
    assertThat(store().steps()).isEmpty();
    assertThat(store().latestWhole()).isEmpty();
  }

  /** A run that goes on just when a reader opens a later file of the checkpoint of step 1. */
  private final class Overtaken extends RawLocalFileSystem {
    private final Runnable run;

    Overtaken(Runnable run) throws IOException {
      this.run = run;
      initialize(output.toUri(), new Configuration());
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int buffer) throws IOException {
      if (file.toString().endsWith("step-1/optimizer.safetensors")) {
        try {
          run.run();
        } catch (UncheckedIOException e) {
          throw e.getCause();
        }
      }
      return super.open(file, buffer);
    }

    CheckpointStore store() {
      return new CheckpointStore(
          new OutputFolder(this, new org.apache.hadoop.fs.Path(output.toUri())));
    }
  }

  /** Text that, the moment it is written, takes the lock away. */
  private record Disowning(Path lock) {
    @JsonValue
    String text() throws IOException {
      Files.delete(lock);
      return "disowned";
    }
  }

  @Test
  void aRunThatLosesItsLockWhileItWritesACheckpointDoesNotCommitIt() throws Exception {
    OutputFolder folder = OutputFolder.of(output.toString(), new Configuration());
    OutputLock lock = OutputLock.acquire(folder, Duration.ofMinutes(1));
    CheckpointStore held = store().under(lock);
    held.save(checkpoint(1), Losses.UNKNOWN);
    Checkpoint of = checkpoint(2);
    TrainerState state =
        new TrainerState(
            TrainerState.FORMAT_VERSION,
            2,
            7,
            "m".repeat(64),
            "d".repeat(64),
            Map.of("batch", new Disowning(output.resolve("train.lock"))),
            Map.of());
    Checkpoint disowning =
        new Checkpoint(of.config(), of.adapter(), of.firstMoment(), of.secondMoment(), state);

    assertThatThrownBy(() -> held.save(disowning, Losses.UNKNOWN))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("no longer locked by this run");
    assertThat(step(2).resolve("trainer_state.json")).exists();
    assertThat(step(2).resolve("MANIFEST.json")).doesNotExist();
    assertThat(output.resolve("checkpoints/latest")).content().isEqualTo("step-1\n");
    assertThatThrownBy(() -> held.delete(1)).isInstanceOf(InvalidInputException.class);
    assertThatThrownBy(() -> held.save(checkpoint(3), Losses.UNKNOWN))
        .isInstanceOf(InvalidInputException.class);
    assertThat(store().steps()).containsExactly(2L, 1L);
    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
    lock.close();
  }

  @Test
  void aCheckpointThatIsDeletedWhileItIsReadIsRefused() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    try (Overtaken reader = new Overtaken(() -> store().delete(1))) {
      assertThatThrownBy(() -> reader.store().load(1))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("step-1 was deleted while it was read; choose another checkpoint");
    }
  }

  @Test
  void aReaderGoesOnToTheCheckpointThatTookThePlaceOfTheOneItRead() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    Runnable run =
        () -> {
          store().save(checkpoint(2), Losses.UNKNOWN);
          store().delete(1);
        };
    try (Overtaken reader = new Overtaken(run)) {
      assertThat(reader.store().latestWhole().orElseThrow().state().step()).isEqualTo(2);
    }
  }

  @Test
  void aReaderGoesBackToTheCheckpointThatWasNotFinishedWhenItLooked() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    store().save(checkpoint(2), Losses.UNKNOWN);
    byte[] manifest = Files.readAllBytes(step(2).resolve("MANIFEST.json"));
    Files.delete(step(2).resolve("MANIFEST.json"));
    Runnable run =
        () -> {
          write(step(2).resolve("MANIFEST.json"), manifest);
          store().delete(1);
        };
    try (Overtaken reader = new Overtaken(run)) {
      assertThat(reader.store().latestWhole().orElseThrow().state().step()).isEqualTo(2);
    }
  }

  @Test
  void aWholeCheckpointThatCannotBeOpenedIsNeitherPassedOverNorTakenForDeleted() throws Exception {
    store().save(checkpoint(1), Losses.UNKNOWN);
    // What Java says of a file that this user may not read.
    Runnable refusal =
        () -> {
          throw new UncheckedIOException(new FileNotFoundException("(Permission denied)"));
        };
    try (Overtaken reader = new Overtaken(refusal)) {
      assertThatThrownBy(() -> reader.store().latestWhole())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("step-1 cannot be read");
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
