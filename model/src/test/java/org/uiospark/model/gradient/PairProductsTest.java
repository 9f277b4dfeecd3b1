package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.reference.GoldenCase;

class PairProductsTest {

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void normsAndDistancesEqualTheIndependentOnes(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      PairProducts products = PairProducts.of(golden.model(), adapter, golden.sequence());
      int segments = products.segments();
      // The loss of the fixtures is a mean over labels, ours a sum.
      double labels = golden.sequence().validLabels();
      Map<String, float[]> exact = golden.tensors("grad-exact.safetensors");
      Map<String, float[]> truncated = golden.tensors("grad-tbptt-2.safetensors");
      Map<String, float[]> unbiased = golden.tensors("grad-unbiased-2.safetensors");
      double[] all = products.flat(new Estimator.Exact().draw(segments, new SplittableRandom(0)));
      double[] near =
          products.flat(new Estimator.Truncated(2).draw(segments, new SplittableRandom(0)));
      double[] drawn = products.flat(PairWeights.ofReservoir(golden.reservoir(), 2));

      assertClose(products.product(all, all), product(exact, exact) * labels * labels);
      assertClose(products.product(near, near), product(truncated, truncated) * labels * labels);
      assertClose(products.product(near, all), product(truncated, exact) * labels * labels);
      assertClose(products.product(drawn, drawn), product(unbiased, unbiased) * labels * labels);
      assertClose(products.product(drawn, all), product(unbiased, exact) * labels * labels);
    }
  }

  @Test
  void withoutItsFactorEveryPairOfTheReservoirWeighsOne() {
    PairWeights weights = new Estimator.Unbiased(1).draw(8, new SplittableRandom(3));
    PairWeights plain = weights.withoutFactor();
    for (int t = 1; t < 8; t++) {
      for (int s = 0; s < t; s++) {
        assertThat(weights.weight(t, s)).isIn(0.0, (double) t);
        assertThat(plain.weight(t, s)).isEqualTo(weights.weight(t, s) / t);
      }
    }
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(2e-4 * Math.abs(expected)));
  }

  private static double product(Map<String, float[]> a, Map<String, float[]> b) {
    double sum = 0;
    for (Map.Entry<String, float[]> tensor : a.entrySet()) {
      if (!tensor.getKey().startsWith("transfer.")) {
        float[] other = b.get(tensor.getKey());
        for (int i = 0; i < other.length; i++) {
          sum += (double) tensor.getValue()[i] * other[i];
        }
      }
    }
    return sum;
  }
}
