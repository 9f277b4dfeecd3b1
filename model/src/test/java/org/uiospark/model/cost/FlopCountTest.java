package org.uiospark.model.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.segment.SegmentSettings;

class FlopCountTest {
  /** D 4, 2 query heads and 1 key/value head of 2, F 6, V 10. */
  private static LlamaConfig config(int layers) {
    return new LlamaConfig(
        4,
        6,
        layers,
        1e-5,
        AttentionConfig.plain(2, 1, 2),
        RotaryConfig.unscaled(1e4, 64),
        new VocabularyConfig(10, false, 1, List.of(2)));
  }

  private static FlopCount count(int layers, int segments, Estimator estimator) {
    return FlopCount.of(
        config(layers),
        1,
        new SegmentSettings(4, 2),
        estimator.draw(segments, KeyedRandom.of(1, 2, 3)));
  }

  /** Counted by hand: 4 tokens and 2 memory tokens a segment, rank 1. */
  @Test
  void aTinySequenceCountsAsByHand() {
    FlopCount count = count(2, 2, new Estimator.Exact());

    // k v 192, q 64, o 64, MLP 288, LoRA q 32 and v 72; 3 + 5 pairs twice 128
    assertThat(count.encoderForward()).isEqualTo(840);
    assertThat(count.recomputed()).isEqualTo(840);
    // to 2 memory rows k v 64 and q 64; o 64, MLP 288, LoRA q 64 and v 112; pairs 3 * 64 + 16
    assertThat(count.encoderBackward()).isEqualTo(864);
    // a layer 960; 10 pairs in segment 0, 18 in segment 1
    assertThat(count.decoderForward()).isEqualTo(2 * (960 + 160) + 2 * (960 + 288));
    // layer 1 in full; layer 0 o and MLP 704 and 8 pairs with memories
    assertThat(count.decoderBackward()).isEqualTo(960 + 576 + 704 + 192);
    assertThat(count.head()).isEqualTo(3 * 320);
    // a layer forward 64 + 48; backward LoRA 64, towards the memory 64 + 32
    assertThat(count.transferForward()).isEqualTo(2 * 112);
    assertThat(count.transferBackward()).isEqualTo(2 * 160);
    assertThat(count.total()).isEqualTo(10_376);
  }

  /** Between the first layer and the last: all rows have queries and all have a gradient. */
  @Test
  void aLayerInTheMiddleIsWhole() {
    FlopCount three = count(4, 2, new Estimator.Exact());
    FlopCount two = count(3, 2, new Estimator.Exact());

    // 6 rows: k v 192, q 192, o 192, MLP 864, LoRA q 96 and v 72; 18 pairs
    assertThat(three.encoderForward() - two.encoderForward()).isEqualTo(1608 + 2 * 144);
    // the same towards activations 1440, LoRA q 192 and v 144
    assertThat(three.encoderBackward() - two.encoderBackward()).isEqualTo(1776 + 4 * 144);
  }

  @Test
  void onlyDrawnSegmentsAreBackPropagatedThroughTheEncoder() {
    FlopCount exact = count(3, 5, new Estimator.Exact());
    FlopCount sampled = count(3, 5, new Estimator.Sampled(1));

    assertThat(sampled.encoderBackward()).isEqualTo(exact.encoderBackward() / 4);
    assertThat(sampled.recomputed()).isEqualTo(exact.recomputed() / 4);
    assertThat(sampled.encoderForward()).isEqualTo(exact.encoderForward());
    assertThat(sampled.decoderForward()).isEqualTo(exact.decoderForward());
    assertThat(sampled.decoderBackward()).isEqualTo(exact.decoderBackward());
    // three memories of three layers lack the way to the memory: 64 + 32 each
    assertThat(exact.transferBackward() - sampled.transferBackward()).isEqualTo(3 * 3 * 96);
    assertThat(sampled.transferForward()).isEqualTo(exact.transferForward());
  }

  /** The three passes of the chunks do what the sequence takes, and encode all segments again. */
  @Test
  void chunksTogetherTakeWhatTheSequenceDoesAndEncodeTwice() {
    SegmentSettings segments = new SegmentSettings(4, 2);
    PairWeights weights = new Estimator.Sampled(2).draw(7, KeyedRandom.of(1, 2, 3));
    FlopCount whole = FlopCount.of(config(3), 1, segments, weights);
    long chunks = 0;
    for (int[] cut : new int[][] {{0, 3}, {3, 4}, {4, 7}}) {
      FlopCount chunk = FlopCount.of(config(3), 1, segments, weights, cut[0], cut[1]);
      assertThat(chunk.encode() + chunk.decode() + chunk.back())
          .isEqualTo(chunk.total() + chunk.encoderForward());
      chunks += chunk.total();
    }

    assertThat(chunks).isEqualTo(whole.total());
  }
}
