package org.uiospark.jobs.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainerStateTest {
  private static TrainerState state(Map<String, Object> settings) {
    return state("m".repeat(64), "d".repeat(64), 7, settings);
  }

  private static TrainerState state(
      String model, String data, long seed, Map<String, Object> settings) {
    return new TrainerState(
        TrainerState.FORMAT_VERSION, 0, seed, model, data, settings, Map.of("java", "17"));
  }

  @Test
  void conflictsNameWhatDiffers() {
    TrainerState then = state(Map.of("batch", 4, "rank", 16, "lr", 1e-3));
    TrainerState now = state(Map.of("batch", 4, "rank", 8, "lr", 2e-3, "window", 4));

    assertThat(then.conflictsWith(now)).containsExactly("rank 16, now 8", "window null, now 4");
    assertThat(then.changesIn(now)).containsExactly("lr 0.001, now 0.002");
    assertThat(then.conflictsWith(then.at(8))).isEmpty();
  }

  @Test
  void anotherModelDataSetSeedShapeOrEstimatorIsAConflict() {
    Map<String, Object> settings =
        Map.of(
            "alpha",
            32.0,
            "batch",
            4,
            "estimator",
            "unbiased",
            "memory_tokens",
            16,
            "rank",
            16,
            "segment_length",
            128,
            "window",
            4);
    Map<String, Object> others =
        Map.of(
            "alpha",
            16.0,
            "batch",
            8,
            "estimator",
            "sampled",
            "memory_tokens",
            8,
            "rank",
            8,
            "segment_length",
            64,
            "samples",
            4);

    assertThat(
            state("a".repeat(64), "b".repeat(64), 1, settings)
                .conflictsWith(state("c".repeat(64), "d".repeat(64), 2, others)))
        .containsExactly(
            "base model aaaaaaaaaaaa, now cccccccccccc",
            "data set bbbbbbbbbbbb, now dddddddddddd",
            "seed 1, now 2",
            "alpha 32.0, now 16.0",
            "batch 4, now 8",
            "estimator unbiased, now sampled",
            "memory-tokens 16, now 8",
            "rank 16, now 8",
            "samples null, now 4",
            "segment-length 128, now 64",
            "window 4, now null");
  }

  @Test
  void pathsScheduleAndHeldOutTextMayChange() {
    TrainerState then = state(Map.of("model", "a", "data", "b", "steps", 10));
    TrainerState now =
        state(
            Map.of(
                "model",
                "/c/a",
                "data",
                "s3a://b",
                "steps",
                20,
                "held_out",
                "h",
                "held_out_sequences",
                8));

    assertThat(then.conflictsWith(now)).isEmpty();
    assertThat(then.changesIn(now)).hasSize(5).contains("held-out null, now h");
  }

  @Test
  void aRunOfAnEarlierVersionHadOneSequenceALane() {
    Map<String, Object> one = Map.of("lane_sequences", 1);
    Map<String, Object> four = Map.of("lane_sequences", 4);

    assertThat(state(Map.of()).conflictsWith(state(one))).isEmpty();
    assertThat(state(Map.of()).conflictsWith(state(four)))
        .containsExactly("lane-sequences 1, now 4");
  }

  @Test
  void otherProductsOrThreadsAreAConflictWhereTheyWereTold() {
    Map<String, Object> then = Map.of("products", "libtorch", "threads", 1);
    Map<String, Object> now = Map.of("products", "onednn", "threads", 2);

    assertThat(state(then).conflictsWith(state(now)))
        .containsExactly("products libtorch, now onednn", "threads 1, now 2");
    assertThat(state(Map.of()).conflictsWith(state(now))).isEmpty();
  }
}
