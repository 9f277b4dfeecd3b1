package org.uiospark.data.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class SftExampleTest {
  @Test
  void promptsAreReadAndAnswersLearned() throws Exception {
    SftExample example = SftExample.of(new int[] {1, 2, 3, 4, 5, 6}, learned(2, 3, 5), 6);
    assertThat(example.ids()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(example.labels()).containsExactly(-100, -100, 3, 4, -100, 6);
    assertThat(example.cut()).isZero();
  }

  @Test
  void theMiddleOfTheLongestPromptIsCut() throws Exception {
    int[] ids = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    SftExample odd = SftExample.of(ids, learned(1, 9), 8);
    assertThat(odd.ids()).containsExactly(1, 2, 3, 4, 5, 8, 9, 10);
    assertThat(odd.labels()).containsExactly(-100, 2, -100, -100, -100, -100, -100, 10);
    assertThat(odd.cut()).isEqualTo(2);
    assertThat(SftExample.of(ids, learned(1, 9), 5).ids()).containsExactly(1, 2, 3, 9, 10);
    // The prompt at the end is one as well.
    assertThat(SftExample.of(ids, learned(1), 5).ids()).containsExactly(1, 2, 3, 4, 10);
  }

  @Test
  void anExampleWithNothingToLearnIsRefused() {
    for (BitSet nothing : new BitSet[] {learned(), learned(0)}) {
      assertThatThrownBy(() -> SftExample.of(new int[] {1, 2}, nothing, 8))
          .isInstanceOf(MalformedRecordException.class)
          .hasMessageContaining("nothing to learn");
    }
  }

  @Test
  void anAnswerThatLeavesNoRoomForThePromptIsRefused() {
    assertThatThrownBy(() -> SftExample.of(new int[] {1, 2, 3, 4, 5, 6}, learned(3, 4, 5), 4))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("6 tokens, over the 4 of a sequence");
  }

  private static BitSet learned(int... tokens) {
    BitSet learned = new BitSet();
    Arrays.stream(tokens).forEach(learned::set);
    return learned;
  }
}
