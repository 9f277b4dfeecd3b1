package org.uiospark.model.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainedPositionsTest {

  @ParameterizedTest
  @CsvSource({"1, 1", "4, 1", "4, 2", "4, 4", "6, 3", "8, 2"})
  void positionsAreThoseOfEveryRowOfTheBankAndTheLongestTextIsTheLastWithinThem(int l, int m) {
    SegmentSettings segments = new SegmentSettings(l, m);
    for (int count = 1; count < 60; count++) {
      TrainedPositions positions = new TrainedPositions(count, segments);
      long longest = 0;
      for (int tokens = 1; tokens < 400; tokens++) {
        assertThat(positions.takenBy(tokens)).isEqualTo(counted(l, m, tokens));
        if (counted(l, m, tokens) <= count) {
          longest = tokens;
          assertThat(positions.warning("It", tokens)).isEmpty();
        } else {
          assertThat(positions.warning("It", tokens)).isPresent();
        }
      }
      assertThat(positions.longestText()).isEqualTo(longest);
    }
  }

  /** One more than the furthest position at which a token or a memory stands. */
  private static int counted(int l, int m, int tokens) {
    int furthest = 0;
    int rows = 0;
    for (int start = 0; start < tokens; start += l) {
      int size = Math.min(l, tokens - start);
      furthest = Math.max(furthest, rows + size - 1);
      if (start + l < tokens) {
        // Memory token i is encoded at (i + 1) l / m, i from 0.
        furthest = Math.max(furthest, l);
        rows += m;
      }
    }
    return furthest + 1;
  }

  /** The paper's 100 K tokens of Llama 2, and a million of a model with a window of 131,072. */
  @Test
  void theLongestTextOfThePaper() {
    TrainedPositions llama2 = new TrainedPositions(4096, new SegmentSettings(1024, 32));
    TrainedPositions llama3 = new TrainedPositions(131_072, new SegmentSettings(1024, 128));

    // 97 segments of 1,024; behind their 97 x 32 memories there is room for 992 tokens.
    assertThat(llama2.longestText()).isEqualTo(97 * 1024 + 992);
    assertThat(llama2.takenBy(97 * 1024 + 992)).isEqualTo(4096);
    // 1,017 segments have room, the last from row 130,048 on; behind all memories are 896 rows.
    assertThat(llama3.longestText()).isEqualTo(1017 * 1024 + 896);
  }

  @Test
  void theWarningNamesBothNumbersAndTheLongestText() {
    TrainedPositions positions = new TrainedPositions(1024, new SegmentSettings(512, 16));

    assertThat(positions.warning("The text", 1_048_576))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .startsWith("The text has 1048576 tokens and takes 33264 positions")
                    .contains("1024 that the base model was trained for (max_position_embeddings)")
                    .endsWith("has 17392 tokens"));
  }
}
