package org.uiospark.jobs.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.uiospark.model.gradient.SequenceChunk;

class ChunkTrafficTest {
  /** Six segments, the last of which has no memory: 3, 2 and 0 memories of 2 tokens. */
  private static final ChunkTraffic TRAFFIC =
      ChunkTraffic.of(
          List.of(
              new SequenceChunk(0, 3, 6), new SequenceChunk(3, 5, 6), new SequenceChunk(5, 6, 6)),
          2,
          10,
          100);

  @Test
  void bytesByHand() {
    assertThat(TRAFFIC.encodeLeaves()).isEqualTo((6 + 4) * 10);
    // each towards its own memories and all before
    assertThat(TRAFFIC.decodeLeaves()).isEqualTo((6 + 10 + 10) * 100);
    assertThat(TRAFFIC.backTakes(0)).isEqualTo(3 * 6 * 100);
    assertThat(TRAFFIC.backTakes(1)).isEqualTo(2 * 4 * 100);
    assertThat(TRAFFIC.backTakes(2)).isZero();
  }

  /** What chunks leave for each other is what they take, wherever they are. */
  @Test
  void backTakesAllThatDecodeLeaves() {
    long taken = 0;
    for (int chunk = 0; chunk < TRAFFIC.chunks(); chunk++) {
      taken += TRAFFIC.backTakes(chunk);
    }

    assertThat(taken).isEqualTo(TRAFFIC.decodeLeaves());
    assertThat(TRAFFIC.backFetches(4)).isCloseTo(0.75 * taken, within(1e-9));
  }

  @Test
  void anExecutorTakesAMemoryOnce() {
    assertThat(TRAFFIC.decodeFetches(1)).isZero();
    // One of two has the whole bank at the end, and so has the other: the last chunk adds none.
    assertThat(TRAFFIC.decodeFetches(2)).isCloseTo(0.5 * (100 + 100), within(1e-9));
    assertThat(TRAFFIC.decodeFetches(3)).isCloseTo(2.0 / 3 * (60 + 100 + 100), within(1e-9));
    assertThat(TRAFFIC.decodeFetches(6)).isCloseTo(5.0 / 6 * (60 + 100 + 100), within(1e-9));
  }
}
