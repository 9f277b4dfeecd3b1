package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

class OutputFolderTest {
  @TempDir Path path;

  private OutputFolder folder() {
    return OutputFolder.of(path.toString(), new Configuration());
  }

  private void pipe(Path at) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", at.toString()).start().waitFor()).isZero();
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsRefusedWhereItWouldBeReadForEver() throws Exception {
    pipe(path.resolve("metrics.jsonl"));

    assertThatThrownBy(() -> folder().read("metrics.jsonl"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("metrics.jsonl is no file; move it elsewhere");
  }

  @Test
  @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aCheckpointWithAPipeForAManifestIsPassedOver() throws Exception {
    CheckpointStore store = new CheckpointStore(folder());
    store.save(CheckpointStoreTest.checkpoint(1), Losses.UNKNOWN);
    store.save(CheckpointStoreTest.checkpoint(2), Losses.UNKNOWN);
    Path manifest = path.resolve("checkpoints/step-2/MANIFEST.json");
    Files.delete(manifest);
    pipe(manifest);

    assertThat(store.latestWhole().orElseThrow().state().step()).isEqualTo(1);
    assertThat(store.statuses().get(0).state()).isEqualTo(CheckpointStatus.State.DAMAGED);
    assertThatThrownBy(() -> store.load(2))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("MANIFEST.json of checkpoint")
        .hasMessageContaining("is damaged: it is no file");
  }

  @Test
  void aFolderIsNoFile() throws Exception {
    Files.createDirectory(path.resolve("mlflow.json"));

    assertThatThrownBy(() -> folder().read("mlflow.json"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is no file");
    assertThatThrownBy(() -> folder().read("nothing")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void onlyAnEmptyFolderIsDeleted() throws Exception {
    Files.writeString(path.resolve("file"), "");
    assertThat(folder().deleteIfEmpty()).isFalse();
    assertThat(path.resolve("file")).exists();

    folder().delete("file");
    folder().delete("file");
    assertThat(folder().deleteIfEmpty()).isTrue();
    assertThat(path).doesNotExist();
    assertThat(folder().deleteIfEmpty()).isTrue();
  }
}
