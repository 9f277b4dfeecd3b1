package org.uiospark.jobs.task;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

class UploadedAdapterTest {
  private static final Path MODEL =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");

  private final FrozenLlama base = FrozenLlama.load(MODEL, Device.cpu(), BasePrecision.FLOAT32);
  private final MemoryModel model =
      new MemoryModel(base, new SegmentSettings(32, 8), AdapterShape.of(base.config(), 2, 4));
  private final Adapter first = adapter(model.shape(), 0.01f);
  private final Adapter second = adapter(model.shape(), 0.02f);

  @AfterEach
  void close() {
    model.close();
    base.close();
  }

  private static Adapter adapter(AdapterShape shape, float value) {
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value * (i % 7 - 3);
    }
    return new Adapter(shape, values);
  }

  private float[] gradient(AdapterGradient into) {
    int[] tokens = new int[70];
    Arrays.setAll(tokens, i -> 5 + i);
    new SequenceGradient(model, 0)
        .add(
            into,
            TokenSequence.of("document", 0, tokens),
            new Estimator.Exact().draw(3, KeyedRandom.of(0, 0, 0)));
    return into.copy();
  }

  private float[] alone(Adapter adapter) {
    try (var uploaded = model.upload(adapter);
        AdapterGradient fresh = uploaded.newGradient()) {
      return gradient(fresh);
    }
  }

  private float[] lane(String step, Adapter adapter) {
    try (UploadedAdapter taken = UploadedAdapter.take(step, Device.cpu(), model, () -> adapter)) {
      AdapterGradient gradient = taken.takeGradient();
      float[] values = gradient(gradient);
      taken.giveBack(gradient);
      return values;
    }
  }

  @Test
  void aLaneComputesWithTheAdapterOfItsStepAndAnEmptyGradient() {
    assertThat(lane("a", first)).containsExactly(alone(first));
    // The same step, whatever is asked for: nothing is uploaded again.
    assertThat(lane("a", second)).containsExactly(alone(first));
    // The next step takes the place of the one before.
    assertThat(lane("b", second)).containsExactly(alone(second));
  }

  @Test
  void aLaneOfTheStepBeforeKeepsItsAdapter() {
    try (UploadedAdapter late = UploadedAdapter.take("c", Device.cpu(), model, () -> first)) {
      AdapterGradient gradient = late.takeGradient();
      assertThat(lane("d", second)).containsExactly(alone(second));
      assertThat(gradient(gradient)).containsExactly(alone(first));
      late.giveBack(gradient);
    }
  }
}
