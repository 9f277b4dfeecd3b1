package org.uiospark.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.segment.TokenSequence;

/** Rows by the million: the kernel gives a process 65,530 mappings. */
class ShortRowsTest {
  private static final int ROWS = 300_000;

  @TempDir Path folder;

  @Test
  void aFileIsMappedOnce() throws IOException {
    List<TokenSequence> rows =
        IntStream.range(0, ROWS)
            .mapToObj(i -> TokenSequence.of("d" + i, 0, new int[] {i, 1, 2}))
            .toList();
    String uri = folder.resolve("set").toString();
    TokenDataSet.write(uri, rows, 4, ROWS, "test", new Configuration());

    SequenceDataSet set = SequenceDataSet.open(uri, new Configuration());
    Random random = new Random(4);
    for (int i = 0; i < 20_000; i++) {
      int row = random.nextInt(ROWS);
      assertThat(set.sequence(row).inputIds()).containsExactly(row, 1, 2);
    }
    assertThat(mappings()).hasSize(1);
  }

  /** What the kernel says that this process has mapped of the data set. */
  private List<String> mappings() throws IOException {
    String file = folder.resolve("set").toRealPath().toString();
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.contains(file)).toList();
    }
  }
}
