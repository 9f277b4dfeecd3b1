package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.reading.Continuation;
import org.uiospark.model.reading.Continuations;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.AtOnce;
import org.uiospark.model.segment.SequenceLoss;

/**
 * The branches of attention that a GPU takes, on the CPU: what libtorch computes on CUDA alone is
 * computed by its definition, {@code cuda_attention.torchscript} in the resources of the tests.
 */
class CudaAttentionTest {
  private static final Arithmetic ARITHMETIC = new Arithmetic(MatrixProducts.LIBTORCH, 1);

  private static final Map<String, String> DEFINITIONS =
      Map.of(
          "torch._scaled_dot_product_flash_attention(", "self.flash(",
          "torch._scaled_dot_product_flash_attention_backward(", "self.flash_backward(",
          "torch._scaled_dot_product_efficient_attention(", "self.efficient(",
          "torch._scaled_dot_product_efficient_attention_backward(", "self.efficient_backward(");

  /** Flash attention takes 16 bits; here it may take 32, or its errors would hide others. */
  @ParameterizedTest
  @CsvSource({"mha, false", "mha, true", "gqa-tied, false", "gqa-tied, true"})
  void lossesAndGradientAreTheIndependentOnes(String name, boolean flash) throws IOException {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, golden.base(), Device.gpu(), onCuda(flash))) {
      assertGolden(golden, model);
    }
  }

  /** Rows that are added to the bank are seen where they lie, whether they come together or not. */
  @ParameterizedTest
  @CsvSource({"mha, false", "mha, true", "gqa-tied, false", "gqa-tied, true"})
  void tokensThatAreAddedGiveTheIndependentLogits(String name, boolean flash) throws IOException {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, golden.base(), Device.gpu(), onCuda(flash));
        DeviceAdapter adapter = model.upload(golden.adapter());
        NDManager scratch = golden.base().newManager()) {
      int l = model.segments().segmentLength();
      int m = model.segments().memoryTokens();
      int[] ids = golden.sequence().inputIds();
      float[] expected = golden.tensors("logits.safetensors").get("logits_after_two");
      int vocabulary = golden.base().config().vocabSize();
      try (MemoryBank bank = model.bank(2 * m + l)) {
        for (int s = 0; s < 2; s++) {
          NDArray segment = MemoryModel.tokens(scratch, ids, s * l, (s + 1) * l);
          bank.append(model.encode(segment, adapter), adapter);
        }
        int read = 2 * l;
        for (int size : new int[] {5, 1, l - 7, 1}) {
          float[] logits =
              bank.extend(MemoryModel.tokens(scratch, ids, read, read + size)).toFloatArray();
          read += size;
          int row = (read - 2 * l - 1) * vocabulary;
          float[] wanted = Arrays.copyOfRange(expected, row, row + vocabulary);
          assertThat(relative(logits, wanted)).isLessThan(1e-4);
        }
      }
    }
  }

  /** Two that share memories, one that has its own and one without. */
  @ParameterizedTest
  @CsvSource({"mha, false", "mha, true", "gqa-tied, false", "gqa-tied, true"})
  void textsThatAreContinuedTogetherSayWhatEachSaysOnACpu(String name, boolean flash)
      throws IOException {
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, golden.base(), Device.gpu(), onCuda(flash));
        DeviceAdapter adapter = model.upload(golden.adapter());
        DeviceAdapter onCpu = golden.model().upload(golden.adapter());
        Continuations running = new Continuations(model, adapter);
        MemoryReader shared = new MemoryReader(model, adapter);
        MemoryReader other = new MemoryReader(model, adapter);
        MemoryReader without = new MemoryReader(model, adapter)) {
      int l = model.segments().segmentLength();
      int[] ids = golden.sequence().inputIds();
      int[] lengths = {2 * l + 3, 2 * l + 6, l + 1, 2};
      MemoryReader[] readers = {shared, shared, other, without};
      Continuation[] texts = new Continuation[lengths.length];
      for (int i = 0; i < lengths.length; i++) {
        int[] prompt = Arrays.copyOf(ids, lengths[i]);
        int[] rest =
            i == 1 ? Arrays.copyOfRange(prompt, 2 * l, lengths[i]) : readers[i].compress(prompt);
        texts[i] = new Continuation(model, l + 5, Sampling.GREEDY, token -> {});
        running.begin(readers[i], rest, texts[i]);
      }
      while (running.size() > 0) {
        running.advance();
      }
      TextGenerator alone = new TextGenerator(golden.model(), onCpu);
      for (int i = 0; i < lengths.length; i++) {
        int[] prompt = Arrays.copyOf(ids, lengths[i]);
        assertThat(texts[i].tokens())
            .containsExactly(alone.generate(prompt, l + 5, Sampling.GREEDY, token -> {}));
      }
    }
  }

  /** A CPU's way, whose blocks are larger than the segments of these cases. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void soAreThoseOfSmallBlocksOfQueries(String name) throws IOException {
    String source = replaced(Kernels.source(), "self.query_block", "5");
    try (GoldenCase golden = GoldenCase.open(name);
        MemoryModel model = model(golden, golden.base(), Device.cpu(), source)) {
      assertGolden(golden, model);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void in16BitsItIsNoFurtherOffThanOnACpu(String name) throws IOException {
    try (GoldenCase golden = GoldenCase.open(name);
        FrozenLlama base = FrozenLlama.load(golden.folder(), Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel cpu = model(golden, base, Device.cpu(), Kernels.source());
        MemoryModel cuda = model(golden, base, Device.gpu(), onCuda())) {
      float[] expected = golden.gradient("grad-exact.safetensors");
      double off = relative(found(golden, cpu).gradient(), expected);
      assertThat(off).isBetween(1e-4, 0.15);
      assertThat(relative(found(golden, cuda).gradient(), expected)).isLessThan(1.5 * off);
    }
  }

  private static String onCuda(boolean flash) throws IOException {
    return replaced(onCuda(), "return x.dtype != 6", flash ? "return True" : "return False");
  }

  private static String onCuda() throws IOException {
    String source = replaced(Kernels.source(), ".is_cuda", ".is_cpu");
    for (Map.Entry<String, String> definition : DEFINITIONS.entrySet()) {
      source = replaced(source, definition.getKey(), definition.getValue());
    }
    try (InputStream in =
        CudaAttentionTest.class.getResourceAsStream("cuda_attention.torchscript")) {
      return source + new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String replaced(String source, String before, String after) {
    assertThat(source).contains(before);
    return source.replace(before, after);
  }

  /** As many segments at once as a device takes. */
  private static MemoryModel model(
      GoldenCase golden, FrozenLlama base, Device device, String source) {
    return new MemoryModel(
        base,
        golden.model().segments(),
        golden.adapter().shape(),
        ARITHMETIC,
        AtOnce.on(device),
        source);
  }

  private static void assertGolden(GoldenCase golden, MemoryModel model) {
    Found found = found(golden, model);
    for (int t = 0; t < golden.losses().size(); t++) {
      double expected = golden.losses().get(t);
      assertThat(found.loss().sums().get(t)).isCloseTo(expected, within(1e-5 * expected));
    }
    assertThat(relative(found.gradient(), golden.gradient("grad-exact.safetensors")))
        .isLessThan(1e-4);
  }

  private record Found(SequenceLoss loss, float[] gradient) {}

  /** The exact gradient of the mean loss. */
  private static Found found(GoldenCase golden, MemoryModel model) {
    try (DeviceAdapter adapter = model.upload(golden.adapter());
        AdapterGradient sum = adapter.newGradient()) {
      SequenceLoss loss =
          new SequenceGradient(model, Long.MAX_VALUE)
              .add(
                  sum,
                  golden.sequence(),
                  new Estimator.Exact().draw(golden.losses().size(), new SplittableRandom(0)));
      float[] mean = sum.copy();
      for (int i = 0; i < mean.length; i++) {
        mean[i] /= loss.validLabels();
      }
      return new Found(loss, mean);
    }
  }
}
