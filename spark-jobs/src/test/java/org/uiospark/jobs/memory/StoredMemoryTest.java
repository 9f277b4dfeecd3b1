package org.uiospark.jobs.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.safetensors.FileBytes;

class StoredMemoryTest {
  @TempDir Path folder;

  /** A text of many pieces is joined by one task, which may not open so many files. */
  @Test
  void piecesAreOpenOnlyWhileTheyAreRead() throws IOException {
    List<FileBytes> pieces = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Path piece = Files.write(folder.resolve("piece-" + i), new byte[] {1, 2, 3, (byte) i});
      pieces.add(
          StoredMemory.bytes(new org.apache.hadoop.fs.Path(piece.toUri()), 4, new Configuration()));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(pieces.get(i).slice(2, 2).array()).containsExactly(3, i);
    }
    assertThat(openHere()).isZero();
    assertThatThrownBy(() -> pieces.get(7).slice(3, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it ends before byte 5");
    assertThat(openHere()).isZero();
  }

  /** Files of the folder that this process has open, as Linux tells. */
  private long openHere() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.filter(this::isHere).count();
    }
  }

  private boolean isHere(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).startsWith(folder);
    } catch (java.nio.file.NoSuchFileException e) {
      // That of the list itself.
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
