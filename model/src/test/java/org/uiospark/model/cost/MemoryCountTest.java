package org.uiospark.model.cost;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.BankGradient;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.AttentionBias;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RopeScaling;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.SegmentSettings;

class MemoryCountTest {
  /** D 4, F 6, 3 layers, two heads of 2 that share their key head, vocabulary 10. */
  private static final LlamaConfig CONFIG =
      new LlamaConfig(
          4,
          6,
          3,
          1e-5,
          AttentionConfig.plain(2, 1, 2),
          RotaryConfig.unscaled(1e4, 64),
          new VocabularyConfig(10, false, 1, List.of(2)));

  private static final AdapterShape ADAPTER = AdapterShape.of(CONFIG, 1, 1);
  private static final SegmentSettings SEGMENTS = new SegmentSettings(4, 2);

  /** 6 rows of 2 layers: D, Q, F 28, K 4, r 2; and the norms of 2 heads. */
  private static final long GRAPH = 6 * 2 * ((28 + 4 + 2) * 2 + 2 * 4);

  /** A row that a GPU attends to: keys, values and gradients 4 times 8 bytes, those of Q in 2. */
  private static final long AT = 4 * 8 + 8 * 2;

  @Test
  void theLeastIsBaseAdapterAndOneSegmentAlone() {
    long base = 2 * (3 * 128 + 84);
    long adapter = (2 + 4) * (4 + 3 * 26);
    // Decoding 4 tokens in 3 layers with 2 D + 2 Q + 2 K + 2 F values and 2 norms each.
    long decoding = 4 * 3 * ((28 + 4) * 2 + 2 * 4);
    // A layer's way back over 6 rows with 4 D + 2 Q + 3 F values. A GPU's attention takes 4 rows as
    // one: keys and values, their gradients of each query head, and summed, in 2 bytes and in 4.
    long back = 6 * (16 + 8 + 18) * 2 + 4 * (2 * 2 * (2 + 2 + 4) + 2 * 4 * 2);
    // Logits of 4 tokens and their gradient.
    long logits = 2 * 4 * 4 * 10;

    assertThat(MemoryCount.least(CONFIG, ADAPTER, SEGMENTS, BasePrecision.BFLOAT16))
        .isEqualTo(base + adapter + decoding + Math.max(back, logits));
  }

  @Test
  void countsByHand() {
    MemoryCount count = count(new Estimator.Exact(), 5 * GRAPH);

    // a layer: norms 8, q 16, k and v 16, o 16, MLP 72; embedding, head and norm 84
    assertThat(count.base()).isEqualTo(2 * (3 * 128 + 84));
    // 2 bytes a value, 4 of its gradient; <mem> 4; a layer: A of four 16, B of q 4, of k, v, v 6
    assertThat(count.adapter()).isEqualTo((2 + 4) * (4 + 3 * 26));
    // 4 memories of 2 rows; keys and values of 3 layers
    assertThat(count.bank()).isEqualTo(8 * 2 * 3 * 2 * 2);
    assertThat(count.bankGradient()).isEqualTo(8 * 2 * 3 * 2 * 4);
    assertThat(count.graphs()).isEqualTo(4);
    assertThat(count.graphBytes()).isEqualTo(4 * GRAPH);
    // 4 tokens of 3 layers; then the 4 segments that a GPU encodes at once: 24 rows of D 16, Q 8, F
    // 18
    // that are attended to; a decoded segment, of 6 such rows, attends to 12
    assertThat(count.activations()).isEqualTo(4 * 3 * (32 * 2 + 8) + 24 * 42 * 2 + 24 * AT);
    assertThat(count.total())
        .isEqualTo(
            count.base()
                + count.adapter()
                + count.bank()
                + count.bankGradient()
                + count.graphBytes()
                + count.activations());
  }

  @Test
  void onlyGraphsThatFitAndAreNeededAreKept() {
    assertThat(count(new Estimator.Exact(), 3 * GRAPH - 1).graphs()).isEqualTo(2);
    assertThat(count(new Estimator.Exact(), 3 * GRAPH - 1).keptShare()).isEqualTo(0.5);
    assertThat(count(new Estimator.Exact(), 0).graphBytes()).isZero();
    assertThat(count(new Estimator.Sampled(1), 5 * GRAPH).graphs()).isEqualTo(1);
    assertThat(count(new Estimator.Sampled(1), 5 * GRAPH).keptShare()).isEqualTo(1);
  }

  /** One is counted beside those that are kept: more at once are made when these are done with. */
  @Test
  void graphsThatAreAliveAtOnceAreNoMoreThanTheirMemoryHolds() {
    long layer = 24 * 42 * 2 + 24 * AT;
    for (long graphMemory : new long[] {0, 2 * GRAPH, 3 * GRAPH}) {
      MemoryCount count = count(new Estimator.Exact(), graphMemory);
      assertThat(count.graphBytes()).isEqualTo(graphMemory);
      assertThat(count.activations()).isEqualTo(GRAPH + layer);
    }
    // In a chunk none is kept, and a GPU makes up to 4 at once: here all 3.
    long less = chunk(BasePrecision.BFLOAT16, 0).activations();
    assertThat(chunk(BasePrecision.BFLOAT16, 2 * GRAPH).activations() - less).isEqualTo(GRAPH);
    assertThat(chunk(BasePrecision.BFLOAT16, 9 * GRAPH).activations() - less).isEqualTo(2 * GRAPH);
    assertThat(chunk(BasePrecision.FLOAT32, 9 * GRAPH).activations())
        .isEqualTo(chunk(BasePrecision.FLOAT32, 0).activations());
  }

  @Test
  void pairsOfOneMemoryThatWeighDifferentlyNeedTwoSums() {
    long one = count(new Estimator.Exact(), 0).bankGradient();
    assertThat(count(new Estimator.Sampled(1), 0).bankGradient()).isEqualTo(one);
    assertThat(count(new Estimator.Truncated(1), 0).bankGradient()).isEqualTo(2 * one);
  }

  @Test
  void normsOfHeadsAndDynamicRopeHoldMore() {
    MemoryCount plain = count(new Estimator.Exact(), 5 * GRAPH);
    MemoryCount normed = count(family(RopeScaling.NONE, true), 5 * GRAPH);
    // a weight a value of a head, for q and k of 3 layers; 6 rows of 2 layers, Q and K of each
    assertThat(normed.base() - plain.base()).isEqualTo(3 * 2 * 2 * 2);
    assertThat(normed.graphBytes() / normed.graphs()).isEqualTo(GRAPH + 6 * 2 * (4 + 2) * 2);
    // 4 tokens of 3 layers: Q and 2 K again, as they were before the norms
    assertThat(normed.activations() - plain.activations()).isEqualTo(4 * 3 * 8 * 2);

    LlamaConfig dynamic = family(new RopeScaling.Dynamic(2, 8), false);
    assertThat(count(dynamic, 5 * GRAPH).base()).isEqualTo(plain.base());
    // 12 rows of K: of 3 layers in 2 bytes; what one turns on its way back is less than a GPU
    // encodes
    assertThat(count(dynamic, 5 * GRAPH).activations() - plain.activations())
        .isEqualTo(12 * 2 * 3 * 2);
    // of 3 layers in 4 bytes, of one twice in 4
    assertThat(onCpu(dynamic, 1 << 20).activations() - onCpu(CONFIG, 1 << 20).activations())
        .isEqualTo(12 * 2 * (3 * 4 + 2 * 4));
  }

  /** Of 5 segments the first 3, which all have a memory; 2 K values of 3 layers a row. */
  @Test
  void aChunkHoldsTheWholeBankAndTheGradientsUpToItsEnd() {
    MemoryCount whole = count(new Estimator.Exact(), 0);
    MemoryCount cpu = chunk(BasePrecision.FLOAT32, new Estimator.Exact());
    MemoryCount gpu = chunk(BasePrecision.BFLOAT16, new Estimator.Exact());

    assertThat(gpu.base()).isEqualTo(whole.base());
    assertThat(gpu.adapter()).isEqualTo(whole.adapter());
    // 4 memories of 2 rows, whoever reads them
    assertThat(gpu.bank()).isEqualTo(8 * 12 * 2);
    assertThat(gpu.bankGradient()).isEqualTo(6 * 12 * 4);
    assertThat(chunk(BasePrecision.BFLOAT16, new Estimator.Truncated(1)).bankGradient())
        .isEqualTo(2 * 6 * 12 * 4);
    assertThat(gpu.graphBytes()).isZero();
    // D, Q, K, F 32 and 2 norms of 4 tokens and 3 layers, or the graph of a segment; 18 rows of the
    // 3
    // segments that are encoded at once
    assertThat(gpu.activations())
        .isEqualTo(Math.max(4 * 3 * (32 * 2 + 8), GRAPH) + 18 * 42 * 2 + 18 * AT);
    // 10 rows in 4 bytes, as are their gradients; a CPU gives 4 tokens the keys and values of each
    // query head, and their gradients
    long cpuGraph = 6 * 2 * ((28 + 4 + 2) * 4 + 2 * 4);
    assertThat(cpu.activations())
        .isEqualTo(
            Math.max(4 * 3 * (32 * 4 + 8), cpuGraph) + 6 * 42 * 4 + 10 * 4 * 8 + 4 * 4 * 4 * 4);
  }

  @Test
  void memoriesThatAreNotBackPropagatedLieOnTheHost() {
    assertThat(count(new Estimator.Exact(), 0).hostMemories()).isZero();
    // 4 memories less the one drawn, each 2 rows of D 4 in 3 layers
    assertThat(count(new Estimator.Sampled(1), 0).hostMemories()).isEqualTo(3 * 2 * 4 * 3 * 2);
  }

  private static MemoryCount chunk(BasePrecision precision, long graphMemory) {
    PairWeights exact = draw(new Estimator.Exact(), 5);
    return MemoryCount.ofChunk(CONFIG, ADAPTER, SEGMENTS, precision, exact, graphMemory, 3);
  }

  private static MemoryCount chunk(BasePrecision precision, Estimator estimator) {
    return MemoryCount.ofChunk(CONFIG, ADAPTER, SEGMENTS, precision, draw(estimator, 5), 0, 3);
  }

  private static LlamaConfig family(RopeScaling scaling, boolean norm) {
    return new LlamaConfig(
        4,
        6,
        3,
        1e-5,
        new AttentionConfig(2, 1, 2, AttentionBias.NONE, norm, 0),
        new RotaryConfig(1e4, scaling, 64),
        new VocabularyConfig(10, false, 1, List.of(2)));
  }

  /** The tensors themselves, where they can be asked. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void weightsAdapterAndBankHaveTheBytesThatAreCounted(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      MemoryModel model = golden.model();
      int segments = golden.losses().size();
      MemoryCount count =
          MemoryCount.of(
              golden.base().config(),
              model.shape(),
              model.segments(),
              BasePrecision.FLOAT32,
              draw(new Estimator.Exact(), segments),
              0);
      int memories = (segments - 1) * model.segments().memoryTokens();
      try (MemoryBank bank = model.bank(memories);
          BankGradient gradient = BankGradient.unweighted(model, bank, memories)) {
        assertThat(bytes(bank.keysAndValues())).isEqualTo(count.bank());
        assertThat(bytes(gradient.keysAndValues())).isEqualTo(count.bankGradient());
      }
      assertThat(bytes(adapter.tensors().values()) + bytes(sum.tensors().values()))
          .isEqualTo(count.adapter());
      assertThat(bytes(golden.base().weights().values())).isEqualTo(count.base());
    }
  }

  private static long bytes(Collection<NDArray> tensors) {
    return tensors.stream().mapToLong(MemoryCountTest::bytes).sum();
  }

  private static long bytes(NDArray tensor) {
    return tensor.size() * Float.BYTES;
  }

  private static MemoryCount count(Estimator estimator, long graphMemory) {
    return MemoryCount.of(
        CONFIG, ADAPTER, SEGMENTS, BasePrecision.BFLOAT16, draw(estimator, 5), graphMemory);
  }

  private static MemoryCount count(LlamaConfig config, long graphMemory) {
    PairWeights exact = draw(new Estimator.Exact(), 5);
    return MemoryCount.of(config, ADAPTER, SEGMENTS, BasePrecision.BFLOAT16, exact, graphMemory);
  }

  private static MemoryCount onCpu(LlamaConfig config, long graphMemory) {
    PairWeights exact = draw(new Estimator.Exact(), 5);
    return MemoryCount.of(config, ADAPTER, SEGMENTS, BasePrecision.FLOAT32, exact, graphMemory);
  }

  private static PairWeights draw(Estimator estimator, int segments) {
    return estimator.draw(segments, new SplittableRandom(0));
  }
}
