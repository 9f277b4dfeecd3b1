package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.settings.RetentionSettings;
import org.uiospark.model.input.InvalidInputException;

class CheckpointWriterTest {
  @TempDir Path output;

  /**
   * The local file system, where a checkpoint, which begins with a deletion, waits to be let go.
   */
  private static final class HeldFileSystem extends RawLocalFileSystem {
    final CountDownLatch letGo = new CountDownLatch(1);

    @Override
    public boolean delete(org.apache.hadoop.fs.Path file, boolean recursive) throws IOException {
      try {
        letGo.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return super.delete(file, recursive);
    }
  }

  private CheckpointStore store() {
    return new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
  }

  @Test
  void trainingGoesOnWhileACheckpointIsWrittenAndTheEndWaitsForIt() throws Exception {
    try (HeldFileSystem held = new HeldFileSystem()) {
      held.initialize(output.toUri(), new Configuration());
      OutputFolder folder = new OutputFolder(held, new org.apache.hadoop.fs.Path(output.toUri()));
      try (CheckpointWriter writer =
          new CheckpointWriter(new CheckpointStore(folder), RetentionSettings.ALL)) {
        writer.write(() -> CheckpointStoreTest.checkpoint(1), Losses.UNKNOWN);
        // Back here although no file could be written yet.
        assertThat(store().latestWhole()).isEmpty();
        held.letGo.countDown();
      }
    }

    assertThat(store().load(1).state().step()).isEqualTo(1);
  }

  @Test
  void aCheckpointIsWholeBeforeTheNextIsCopied() {
    try (CheckpointWriter writer = new CheckpointWriter(store(), RetentionSettings.ALL)) {
      writer.write(() -> CheckpointStoreTest.checkpoint(1), Losses.UNKNOWN);
      writer.write(
          () -> {
            assertThat(store().load(1).state().step()).isEqualTo(1);
            return CheckpointStoreTest.checkpoint(2);
          },
          Losses.UNKNOWN);
    }

    assertThat(store().load(2).state().step()).isEqualTo(2);
  }

  @Test
  void aFailedWriteIsToldAtTheEnd() throws Exception {
    Files.writeString(output.resolve("checkpoints"), "in the way");
    CheckpointWriter writer = new CheckpointWriter(store(), RetentionSettings.ALL);
    writer.write(() -> CheckpointStoreTest.checkpoint(1), Losses.UNKNOWN);

    assertThatThrownBy(writer::close)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("step-1 cannot be written");
  }

  @Test
  void aFailedWriteIsToldAtTheNextCheckpointAndOnlyOnce() throws Exception {
    Files.writeString(output.resolve("checkpoints"), "in the way");
    try (CheckpointWriter writer = new CheckpointWriter(store(), RetentionSettings.ALL)) {
      writer.write(() -> CheckpointStoreTest.checkpoint(1), Losses.UNKNOWN);

      assertThatThrownBy(
              () -> writer.write(() -> CheckpointStoreTest.checkpoint(2), Losses.UNKNOWN))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("step-1 cannot be written");
    }
  }
}
