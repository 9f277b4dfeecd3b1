package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.Test;
import org.uiospark.model.reading.SerialReading;
import org.uiospark.model.reference.GoldenCase;

class ArithmeticTest {
  @Test
  void eachModelComputesWithItsOwnThreads() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      assertThat(threadsAfter(golden, 2)).isEqualTo(2);
      assertThat(threadsAfter(golden, 1)).isEqualTo(1);
      assertThat(threadsAfter(golden, 3)).isEqualTo(3);
    }
  }

  /** The loss of a sequence does not change by more than rounding. */
  private static int threadsAfter(GoldenCase golden, int threads) {
    try (MemoryModel model =
            new MemoryModel(
                golden.base(),
                golden.model().segments(),
                golden.adapter().shape(),
                Arithmetic.here(threads));
        DeviceAdapter adapter = model.upload(golden.adapter())) {
      double loss = SerialReading.withMemory(model, adapter, golden.sequence()).sum();
      double expected = golden.losses().stream().mapToDouble(Double::doubleValue).sum();
      assertThat(loss).isCloseTo(expected, within(1e-4 * expected));
      return JniUtils.getNumThreads();
    }
  }

  @Test
  void onlyFloat32OnACpuIsMultipliedByOneDnn() {
    Arithmetic oneDnn = new Arithmetic(MatrixProducts.ONEDNN, 4);
    assertThat(oneDnn.on(Device.cpu(), BasePrecision.FLOAT32)).isEqualTo(oneDnn);
    Arithmetic other = new Arithmetic(MatrixProducts.LIBTORCH, 4);
    assertThat(oneDnn.on(Device.cpu(), BasePrecision.BFLOAT16)).isEqualTo(other);
    assertThat(oneDnn.on(Device.gpu(), BasePrecision.FLOAT32)).isEqualTo(other);
  }

  @Test
  void noThreadIsRefused() {
    assertThatThrownBy(() -> new Arithmetic(MatrixProducts.LIBTORCH, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
