package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;
import org.uiospark.model.reference.GoldenCase;

class ProductRateTest {

  @Test
  void aBfloat16BaseIsMeasuredToo() {
    try (GoldenCase golden = GoldenCase.open("mha");
        FrozenLlama half = FrozenLlama.load(golden.folder(), Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel model =
            new MemoryModel(half, golden.model().segments(), golden.adapter().shape())) {
      assertThat(ProductRate.measure(model, 1).bestGflops()).isPositive();
    }
  }
}
