package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.uiospark.jobs.plan.ChunkCut;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.cost.SegmentCost;

class StepCutTest {
  /** 128 segments that all cost the same, 4 memory tokens of 1,000 bytes each. */
  private static final ChunkCut CUT = new ChunkCut(128, 4, 1000, new SegmentCost(1, 0));

  private static final int VALUES = 100;

  @Test
  void aStepOfChunksIsTold() {
    assertThat(step(2, 16, 0).text(2))
        .hasValue(
            "A step has 2 sequences of up to 128 segments, in up to 8 chunks each: up to 16 tasks,"
                + " of which 2 run at once");
    assertThat(step(2, 16, 0).text(100).orElseThrow()).endsWith("of which 16 run at once");
  }

  @Test
  void nothingIsToldWhereSequencesStayWhole() {
    assertThat(step(2, 0, 0).text(2)).isEmpty();
    assertThat(step(2, 128, 0).text(2)).isEmpty();
  }

  /** Every chunk leaves a gradient of the adapter; short sequences leave fewer. */
  @Test
  void theDriverHasRoomForTheGradientsOfAllChunksThatItTakes() {
    long vector = 4 * VALUES;
    assertThat(step(2, 16, 0).heap().taken()).isZero();
    assertThat(step(2, 16, 20 * vector).heap().taken()).isEqualTo(16 * vector);
    // Beyond nine lanes the cluster adds them.
    assertThat(step(2, 16, 9 * vector + 1).heap().taken()).isEqualTo(9 * vector);
    assertThat(step(2, 16, vector).heap().taken()).isZero();
    assertThat(step(2, 0, 9 * vector).heap().taken()).isEqualTo(2 * vector);
  }

  @Test
  void executorsHaveRoomForTheLargestPart() {
    assertThat(step(2, 16, 0).heap().part()).isEqualTo(16 * 4 * 1000);
    // 128 segments are three chunks of 43, but a sequence of 100 is two of 50.
    assertThat(step(2, 50, 0).heap().part()).isEqualTo(50 * 4 * 1000);
    assertThat(step(2, 0, 0).heap().part()).isZero();
  }

  private static StepCut step(int batch, int chunkSegments, long collect) {
    return new StepCut(
        new TrainSettings.Steps(1, batch, 1, chunkSegments, collect, 0), CUT, VALUES);
  }
}
