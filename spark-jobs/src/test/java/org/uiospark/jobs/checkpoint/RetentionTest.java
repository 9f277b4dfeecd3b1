package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.settings.RetentionSettings;

class RetentionTest {
  @TempDir Path output;
  private CheckpointStore store;

  @BeforeEach
  void open() {
    store = new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
  }

  private void save(long step, Double heldOut) {
    store.save(CheckpointStoreTest.checkpoint(step), new Losses(2.0, heldOut));
  }

  private void saveUpTo(long last) {
    for (long step = 1; step <= last; step++) {
      save(step, null);
    }
  }

  private void retain(long newest, int last, int every, int best) {
    new Retention(store, new RetentionSettings(last, every, best))
        .apply(CheckpointStoreTest.checkpoint(newest).state());
  }

  private Path step(long step) {
    return output.resolve("checkpoints").resolve("step-" + step);
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void theNewestTheMultiplesAndTheBestStay() {
    double[] heldOut = {3.0, 2.1, 2.0, 2.2, 2.0, 2.5, 2.6, 2.7};
    for (int i = 0; i < heldOut.length; i++) {
      save(i + 1, heldOut[i]);
    }

    retain(8, 2, 4, 2);

    // Newest two, multiples of four, and of the best the older where they are equal.
    assertThat(store.steps()).containsExactly(8L, 7L, 5L, 4L, 3L);
    for (long step : store.steps()) {
      assertThat(store.load(step).state().step()).isEqualTo(step);
    }
    assertThat(step(1)).doesNotExist();
  }

  @Test
  void withoutKeepLastNothingIsDeleted() {
    saveUpTo(4);

    retain(4, 0, 0, 0);

    assertThat(store.steps()).hasSize(4);
  }

  @Test
  void whatIsTornDamagedOrOfAnotherRunStaysAsItIs() throws Exception {
    saveUpTo(6);
    Files.delete(step(1).resolve("MANIFEST.json"));
    flip(step(2).resolve("adapter.safetensors"));
    Files.delete(step(3).resolve("optimizer.safetensors"));
    Checkpoint own = CheckpointStoreTest.checkpoint(4);
    TrainerState other = new TrainerState(1, 4, 8, "m", "d", Map.of(), Map.of());
    store.save(
        new Checkpoint(own.config(), own.adapter(), own.firstMoment(), own.secondMoment(), other),
        Losses.UNKNOWN);

    retain(6, 1, 0, 0);

    assertThat(store.steps()).containsExactly(6L, 4L, 3L, 2L, 1L);
    for (String file : CheckpointReader.FILES) {
      assertThat(step(1).resolve(file)).exists();
      assertThat(step(2).resolve(file)).exists();
      assertThat(step(4).resolve(file)).exists();
    }
    assertThat(store.load(4).state()).isEqualTo(other);
  }

  @Test
  void nothingIsDeletedWhenTheNewestDoesNotReadBack() throws Exception {
    saveUpTo(3);
    flip(step(3).resolve("optimizer.safetensors"));

    retain(3, 1, 0, 0);

    assertThat(store.steps()).containsExactly(3L, 2L, 1L);
    assertThat(store.latestWhole().orElseThrow().state().step()).isEqualTo(2);
  }

  @Test
  void aCheckpointThatCannotBeReadNowIsDeletedAfterTheNextOne() {
    saveUpTo(3);
    boolean[] away = {true};
    OutputFolder local = OutputFolder.of(output.toString(), new Configuration());
    FileSystem files =
        new FilterFileSystem(local.fs()) {
          @Override
          public FSDataInputStream open(org.apache.hadoop.fs.Path file) throws IOException {
            if (away[0] && file.toString().contains("/step-1/optimizer")) {
              throw new IOException("connection reset");
            }
            return super.open(file);
          }
        };
    Retention retention =
        new Retention(
            new CheckpointStore(new OutputFolder(files, local.root())),
            new RetentionSettings(1, 0, 0));

    retention.apply(CheckpointStoreTest.checkpoint(3).state());
    assertThat(store.steps()).contains(3L, 1L);

    away[0] = false;
    retention.apply(CheckpointStoreTest.checkpoint(3).state());
    assertThat(store.steps()).containsExactly(3L);
  }

  @Test
  void whatLiesBeyondTheNewestIsNotCountedAndStays() throws Exception {
    saveUpTo(4);
    // Passed over at the resume from 2; then 3 was written again.
    flip(step(4).resolve("adapter.safetensors"));

    retain(3, 1, 0, 0);

    assertThat(store.steps()).containsExactly(4L, 3L);
  }

  @Test
  void aDeletionThatWasCutShortIsNoCheckpointAndIsFinished() throws Exception {
    saveUpTo(3);
    Files.createFile(step(1).resolve("DELETING"));
    Files.delete(step(1).resolve("MANIFEST.json"));
    Files.delete(step(1).resolve("adapter.safetensors"));

    assertThat(store.statuses().get(2).state()).isEqualTo(CheckpointStatus.State.DELETED);
    retain(3, 2, 0, 0);

    assertThat(step(1)).doesNotExist();
    assertThat(store.steps()).containsExactly(3L, 2L);
  }

  @Test
  void theBareFolderOfADeletionThatWasCutLastOfAllGoes() throws Exception {
    saveUpTo(2);
    Files.createDirectories(step(1).resolveSibling("step-0"));

    assertThat(store.statuses().get(2).state()).isEqualTo(CheckpointStatus.State.DELETED);
    retain(2, 2, 0, 0);

    assertThat(store.steps()).containsExactly(2L, 1L);
  }

  @Test
  void aCheckpointThatIsWrittenAgainAfterACutDeletionIsWholeAndStays() throws Exception {
    Files.createDirectories(step(1));
    Files.createFile(step(1).resolve("DELETING"));
    saveUpTo(2);

    retain(2, 2, 0, 0);

    assertThat(store.load(1).state().step()).isEqualTo(1);
    assertThat(step(1).resolve("DELETING")).doesNotExist();
  }

  @Test
  void aFileOfTheUserInADeletedCheckpointStays() throws Exception {
    saveUpTo(2);
    Files.createFile(step(1).resolve(".MANIFEST.json.partial"));
    Path note = Files.writeString(step(1).resolve("note.txt"), "mine");

    retain(2, 1, 0, 0);

    assertThat(note).hasContent("mine");
    try (var left = Files.list(step(1))) {
      assertThat(left.map(Path::getFileName).map(Path::toString).toList())
          .isEqualTo(List.of("note.txt"));
    }
  }
}
