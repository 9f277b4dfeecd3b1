package org.uiospark.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.dataset.StreamFooter.BatchStart;
import org.uiospark.model.input.Sha256;

/** The sums of a long file wait on the disk, and the file is the one that memory alone makes. */
class BlockSumsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 1_024, 1_025, 65_536, 65_537, 5_000_000})
  void sumsOnTheDiskMakeTheSameFile(int length) throws IOException {
    byte[] stream = new byte[length];
    new Random(length).nextBytes(stream);
    long before = temporary();

    byte[] spilled = written(stream, 100);

    assertThat(Arrays.equals(spilled, written(stream, 1 << 20))).isTrue();
    assertThat(temporary()).isEqualTo(before);
    BlockTree tree = BlockTree.over(length);
    assertThat(Arrays.equals(spilled, 0, length, stream, 0, length)).isTrue();
    // Each sum is that of the block below it.
    for (int level = 1; level <= tree.top(); level++) {
      long blocks = tree.sizes().get(level) / BlockTree.SUM;
      for (long i = 0; i < blocks; i += 1 + blocks / 50) {
        BlockTree.Block below = new BlockTree.Block(level - 1, i);
        int at = (int) tree.start(below);
        byte[] block = Arrays.copyOfRange(spilled, at, at + tree.length(below));
        int sum = (int) (tree.starts().get(level) + i * BlockTree.SUM);
        assertThat(Arrays.copyOfRange(spilled, sum, sum + BlockTree.SUM))
            .isEqualTo(Arrays.copyOf(Sha256.digest().digest(block), BlockTree.SUM));
      }
    }
  }

  private static byte[] written(byte[] stream, int held) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (BlockSums sums = new BlockSums(file, held)) {
      for (int at = 0; at < stream.length; at += 3_000) {
        sums.write(stream, at, Math.min(3_000, stream.length - at));
      }
      sums.finish(List.of(new BatchStart(0, 0)));
    }
    return file.toByteArray();
  }

  private static long temporary() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.getFileName().toString().startsWith("block-sums-")).count();
    }
  }
}
