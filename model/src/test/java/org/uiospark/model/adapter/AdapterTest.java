package org.uiospark.model.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdapterTest {
  private static final AdapterShape SHAPE = new AdapterShape(3, 16, 16, 8, 4, 8);

  private static Set<Float> drawn(long seed) {
    Adapter adapter = Adapter.initial(SHAPE, new float[16], seed);
    Set<Float> drawn = new HashSet<>();
    for (float value : adapter.values()) {
      if (value != 0) {
        drawn.add(value);
      }
    }
    return drawn;
  }

  /** Also not the same ones moved by a place. */
  @Test
  void seedsShareNoNumbers() {
    Set<Float> all = new HashSet<>();
    int numbers = 0;
    for (long seed = -2; seed <= 2; seed++) {
      Set<Float> drawn = drawn(seed);
      assertThat(drawn).hasSizeGreaterThan(700);
      numbers += drawn.size();
      all.addAll(drawn);
    }
    // Two of some thousand floats may be equal by chance.
    assertThat(all).hasSizeGreaterThan(numbers - 10);
  }
}
