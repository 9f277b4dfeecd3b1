package org.uiospark.jobs.generate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GenerationFiguresTest {
  @Test
  void theFirstTokenComesAfterAllThatWasBeforeIt() {
    assertThat(new GenerationFigures(1.5, 0.75, 0.125, 0.5, 2, 99_840, 200, 41).line())
        .isEqualTo(
            "first token after 2.88 s: 1.50 to start, 0.75 to load the model, 0.13 to load memories"
                + " of 99,840 tokens, 0.50 to read 200 tokens (400 tokens/s); then 20.0 tokens/s");
  }

  @Test
  void onlyWhatWasLoadedIsNamedAndOneTokenHasNoRate() {
    assertThat(new GenerationFigures(1, 1, 0, 20, 0, 0, 100_000, 1).line())
        .isEqualTo(
            "first token after 22.00 s: 1.00 to start, 1.00 to load the model, 20.00 to read 100,000"
                + " tokens (5,000 tokens/s); then 0.0 tokens/s");
    assertThat(new GenerationFigures(1, 1, 0, 0, 0, 0, 1, 0).line())
        .endsWith("0.00 to read 1 tokens (0 tokens/s); then 0.0 tokens/s");
  }
}
