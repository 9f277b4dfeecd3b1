package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.SegmentSettings;

class MemoryModelTest {

  @ParameterizedTest
  @CsvSource({"mha, ONEDNN", "mha, LIBTORCH", "gqa-tied, ONEDNN", "gqa-tied, LIBTORCH"})
  void memoriesAndLogitsEqualTheIndependentOnes(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryBank bank = golden.model().bank(1024);
        MemoryBank empty = golden.model().bank(1024);
        NDManager scratch = golden.base().newManager()) {
      Map<String, float[]> memories = golden.tensors("memory.safetensors");
      Map<String, float[]> logits = golden.tensors("logits.safetensors");
      int l = golden.model().segments().segmentLength();
      int[] tokens = golden.sequence().inputIds();
      for (int s = 0; s < 2; s++) {
        NDArray memory =
            golden.model().encode(MemoryModel.tokens(scratch, tokens, s * l, (s + 1) * l), adapter);
        for (int i = 0; i < golden.base().config().layers(); i++) {
          assertClose(
              memory.get(i).toFloatArray(),
              memories.get(String.format(Locale.ROOT, "memory.%d.%d", s, i)));
        }
        bank.append(memory, adapter);
      }
      NDArray first = MemoryModel.tokens(scratch, tokens, 0, l);
      NDArray third = MemoryModel.tokens(scratch, tokens, 2 * l, 3 * l);
      assertClose(bank.logits(third).toFloatArray(), logits.get("logits_after_two"));
      assertClose(empty.logits(first).toFloatArray(), logits.get("logits_without_memory"));
    }
  }

  @Test
  void aCopyOfAMemoryOutlivesItsOwner() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        NDManager host = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray copy;
      float[] expected;
      try (NDManager scratch = golden.base().newManager()) {
        int l = golden.model().segments().segmentLength();
        NDArray ids = MemoryModel.tokens(scratch, golden.sequence().inputIds(), 0, l);
        NDArray memory = golden.model().encode(ids, adapter);
        expected = memory.toFloatArray();
        copy = golden.model().copy(memory, host);
      }
      assertThat(copy.toFloatArray()).containsExactly(expected);
      assertThat(host.getManagedArrays()).containsExactly(copy);
      try (NDManager scratch = golden.base().newManager()) {
        NDArray back = golden.model().copy(copy, scratch);
        assertThat(back.toFloatArray()).containsExactly(expected);
        assertThat(scratch.getManagedArrays()).containsExactly(back);
      }
      // What the way back needed went with it: a device would hold the copy else.
      assertThat(host.getManagedArrays()).containsExactly(copy);
    }
  }

  @Test
  void aSegmentLengthThatIsNoMultipleOfTheMemoryTokensNamesBoth() {
    assertThatThrownBy(() -> new SegmentSettings(100, 16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("100")
        .hasMessageContaining("16");
  }

  @ParameterizedTest
  @CsvSource({"2147483647, 1", "65536, 32768"})
  void segmentsThatNoMaskCanBeMadeForAreRefused(int segmentLength, int memoryTokens) {
    assertThatThrownBy(() -> new SegmentSettings(segmentLength, memoryTokens))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("segment-length " + segmentLength)
        .hasMessageContaining("memory-tokens " + memoryTokens);
  }

  private static void assertClose(float[] actual, float[] expected) {
    double largest = 0;
    double difference = 0;
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    assertThat(difference).isLessThan(1e-4 * largest);
  }
}
