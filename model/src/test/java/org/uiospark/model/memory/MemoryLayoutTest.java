package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.uiospark.model.kernel.BasePrecision;

class MemoryLayoutTest {
  /** Of Llama 2 7B a memory takes 2 x 32 x 4096 values: 1 MiB in float32. */
  @Test
  void aPieceIsBoundedByItsBytesAndHasOneSegmentAtLeast() {
    MemoryLayout large = new MemoryLayout(32, 32, 128, BasePrecision.FLOAT32, true);
    assertThat(large.memoryBytes()).isEqualTo(1 << 20);
    assertThat(large.pieceSegments(16, 16)).isEqualTo(4);
    assertThat(large.pieceSegments(64, 16)).isEqualTo(1);
    assertThat(large.pieceSegments(1024, 16)).isEqualTo(1);
    assertThat(large.pieceSegments(1, 16)).isEqualTo(16);

    MemoryLayout half = new MemoryLayout(32, 32, 128, BasePrecision.BFLOAT16, true);
    assertThat(half.pieceSegments(16, 16)).isEqualTo(8);

    MemoryLayout small = new MemoryLayout(4, 4, 64, BasePrecision.FLOAT32, true);
    assertThat(small.pieceSegments(32, 16)).isEqualTo(16);
    assertThat(small.pieceSegments(32, 8)).isEqualTo(8);
  }
}
