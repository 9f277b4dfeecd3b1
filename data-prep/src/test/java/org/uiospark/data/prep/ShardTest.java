package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.source.Slice;

/** How an input is packed for tasks. */
class ShardTest {
  private static final long MB = 1 << 20;

  @Test
  void neighboursArePackedByBytesAndByNumber() {
    assertThat(packed(slices(5, 40), 100)).containsExactly(2, 2, 1);
    assertThat(packed(slices(25_000, 1), MB)).containsExactly(10_000, 10_000, 5_000);
    List<Integer> order =
        Shard.pack(slices(25_000, 1), MB).stream()
            .flatMap(shard -> shard.parts().stream().map(Shard.Part::number))
            .toList();
    assertThat(order).isEqualTo(IntStream.range(0, 25_000).boxed().toList());
  }

  /** Neither thousands of small files of a small input, nor millions of a large one. */
  @Test
  void theShareOfATaskGrowsWithTheInputWithinBounds() {
    PrepSettings settings = settings(2 * MB);
    List<Long> shares =
        LongStream.of(0, 1, 2_048, 4_096, 1 << 18, 1 << 20)
            .map(inputMb -> settings.shardBytes(inputMb * MB) / MB)
            .boxed()
            .collect(Collectors.toList());
    assertThat(shares).containsExactly(2L, 2L, 2L, 4L, 256L, 256L);
    assertThat(settings(1024 * MB).shardBytes(1 << 20)).isEqualTo(1024 * MB);
  }

  private static PrepSettings settings(long shardBytes) {
    return new PrepSettings(
        List.of("in"),
        "out",
        "tokenizer.json",
        Objective.LM,
        new Cutting(64, 4, 1, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        Repeats.DROPPED,
        shardBytes,
        0.01);
  }

  private static List<Integer> packed(List<Slice> slices, long bytes) {
    return Shard.pack(slices, bytes).stream().map(shard -> shard.parts().size()).toList();
  }

  private static List<Slice> slices(int count, long bytes) {
    List<Slice> slices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      slices.add(new Slice("/" + i + ".txt", 0, bytes, 0));
    }
    return slices;
  }
}
