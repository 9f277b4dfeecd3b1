package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.input.InvalidInputException;

class LocalClusterTest {
  @TempDir Path folder;

  private LocalCluster cluster(Path of) {
    return new LocalCluster(new ClusterSettings(of, 1, 1, 1L << 30, 0, 0), folder, folder);
  }

  @Test
  void aClusterThatIsJustBeingStartedCannotBeStopped() throws Exception {
    try (FileChannel start =
            FileChannel.open(
                folder.resolve("start.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = start.lock()) {
      assertThat(held.isValid()).isTrue();
      assertThatThrownBy(() -> cluster(folder).stop())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is just being started");
    }
    cluster(folder).stop();
  }

  @Test
  void aFolderThatIsNotThereHoldsNoCluster() {
    Path nowhere = folder.resolve("nowhere");

    cluster(nowhere).stop();

    assertThat(nowhere).doesNotExist();
  }
}
