package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.SegmentSettings;

/** One adapter on one base, its sequences in several ratios. */
class RatioGradientTest {

  @ParameterizedTest
  @CsvSource({"mha, 1", "mha, 2", "mha, 8", "mha, 16", "gqa-tied, 1", "gqa-tied, 12"})
  void aModelForOtherMemoryTokensGivesTheBitsOfOneThatIsMadeForThemAlone(String name, int m) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      Adapter adapter = ReconstructionGradientTest.withRepeat(golden);
      SegmentSettings trained = golden.model().segments();
      SegmentSettings other = new SegmentSettings(trained.segmentLength(), m);
      try (MemoryModel alone = new MemoryModel(golden.base(), other, adapter.shape());
          MemoryModel first = new MemoryModel(golden.base(), trained, adapter.shape());
          DeviceAdapter ofAlone = alone.upload(adapter);
          DeviceAdapter ofFirst = first.upload(adapter)) {
        List<float[]> before = gradients(golden, first, ofFirst);
        assertThat(first.with(m).segments()).isEqualTo(other);
        assertThat(first.with(m)).isSameAs(first.with(m));
        assertThat(first.with(m).with(trained.memoryTokens())).isSameAs(first);

        assertSame(gradients(golden, first.with(m), ofFirst), gradients(golden, alone, ofAlone));
        // And that one computes on as it did.
        assertSame(gradients(golden, first, ofFirst), before);
      }
    }
  }

  private static void assertSame(List<float[]> found, List<float[]> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.get(i)).containsExactly(expected.get(i));
    }
  }

  /** Of the whole sequence, of its segments from their own memories, and in chunks. */
  private static List<float[]> gradients(
      GoldenCase golden, MemoryModel model, DeviceAdapter adapter) {
    PairWeights weights =
        new Estimator.Unbiased(2).draw(golden.losses().size(), new SplittableRandom(5));
    try (AdapterGradient whole = adapter.newGradient();
        AdapterGradient reconstruction = adapter.newGradient();
        AdapterGradient chunk = adapter.newGradient()) {
      new SequenceGradient(model, 0).add(whole, golden.sequence(), weights);
      new ReconstructionGradient(model).add(reconstruction, golden.sequence());
      inOneChunk(golden, model, weights, chunk);
      return List.of(whole.copy(), reconstruction.copy(), chunk.copy());
    }
  }

  private static void inOneChunk(
      GoldenCase golden, MemoryModel model, PairWeights weights, AdapterGradient gradient) {
    int segments = golden.losses().size();
    SequenceChunk all = SequenceChunk.cut(segments, 1, model).get(0);
    ChunkGradient chunk = new ChunkGradient(model, 0, golden.sequence(), all);
    try (MemoryBank bank = model.bank((segments - 1) * model.segments().memoryTokens())) {
      bank.put(0, chunk.encode(gradient.adapter()), model.base().precision());
      try (DecodedChunk decoded = chunk.decode(bank, weights, Optional.empty())) {
        chunk.back(List.of(decoded.towards(all)).iterator(), weights, gradient);
      }
    }
  }
}
