package org.uiospark.model.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reference against the golden cases, which another float64 implementation computed: what it
 * says of models that have no golden case is then worth comparing with.
 */
class ReferenceModelTest {
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void itsLossesAndDerivativesAreThoseOfTheGoldenCases(String name) {
    try (GoldenCase golden = GoldenCase.open(name)) {
      ReferenceModel reference =
          new ReferenceModel(
              golden.folder(),
              golden.model().segments().segmentLength(),
              golden.model().segments().memoryTokens(),
              golden.model().shape().scale());
      Map<String, double[]> adapter = ReferenceModel.doubles(golden.tensors("adapter.safetensors"));
      List<Double> losses = reference.losses(golden.sequence(), adapter);
      assertThat(losses).hasSameSizeAs(golden.losses());
      for (int t = 0; t < losses.size(); t++) {
        double expected = golden.losses().get(t);
        assertThat(losses.get(t)).isCloseTo(expected, within(1e-10 * expected));
      }
      // That file holds the gradient of the mean loss, in float32.
      Map<String, double[]> gradient =
          ReferenceModel.doubles(golden.tensors("grad-exact.safetensors"));
      double labels = golden.expected().get("valid_labels").asDouble();
      SplittableRandom random = new SplittableRandom(1);
      for (int n = 0; n < 4; n++) {
        Direction direction = Direction.draw(adapter, adapter.keySet(), random);
        double expected = labels * direction.along(gradient);
        double derivative =
            ReferenceGradient.derivative(
                values -> reference.loss(golden.sequence(), values), adapter, direction);
        assertThat(derivative).isCloseTo(expected, within(1e-5 * Math.abs(expected)));
      }
    }
  }
}
