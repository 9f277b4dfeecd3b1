package org.uiospark.jobs.plan;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.uiospark.model.cost.SegmentCost;
import org.uiospark.model.input.InvalidInputException;

class ChunkCutTest {
  /** A memory token whose gradient has 2^27 bytes: 15 of them go into an array, 16 do not. */
  private static final ChunkCut CUT = new ChunkCut(64, 1, 1 << 27, new SegmentCost(1, 0));

  @Test
  void whatFitsAnArrayPasses() {
    CUT.requireParts("train", 0);
    CUT.requireParts("train", 15);
    CUT.requireParts("train", 64);
  }

  @Test
  void whatDoesNotIsToldWithTheLargestThatDoes() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> CUT.requireParts("train", 16))
        .withMessage(
            "train.chunk-segments = 16 is too large: the gradient towards the memories of a chunk"
                + " has up to 2,147,483,648 bytes, and 2 GiB is the most that travels at once; give"
                + " at most 15");
  }

  /** A sequence of 64 segments has four chunks of 16, but one of 54 has three of 18. */
  @Test
  void aShorterSequenceMayHaveTheLargerChunks() {
    ChunkCut cut = new ChunkCut(64, 1, (1L << 31) / 17, new SegmentCost(1, 0));

    cut.requireParts("train", 17);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> cut.requireParts("train", 18))
        .withMessageEndingWith("give at most 17");
  }

  @Test
  void aSegmentThatDoesNotFitAloneIsNotCutFurther() {
    ChunkCut cut = new ChunkCut(64, 17, 1 << 27, new SegmentCost(1, 0));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> cut.requireParts("train", 2))
        .withMessageEndingWith("lower --memory-tokens");
  }
}
