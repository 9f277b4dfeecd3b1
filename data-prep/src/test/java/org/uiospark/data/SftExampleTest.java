package org.uiospark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.uiospark.data.SftExample.Turn;

class SftExampleTest {
  @Test
  void promptsAreReadAndAnswersLearned() throws Exception {
    SftExample example =
        SftExample.of(
            List.of(
                new Turn(new int[] {1, 2}, false),
                new Turn(new int[] {3, 4}, true),
                new Turn(new int[] {5}, false),
                new Turn(new int[] {6}, true)),
            6);
    assertThat(example.ids()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(example.labels()).containsExactly(-100, -100, 3, 4, -100, 6);
    assertThat(example.cut()).isZero();
  }

  @Test
  void theMiddleOfTheLongestPromptIsCut() throws Exception {
    List<Turn> turns =
        List.of(
            new Turn(new int[] {1}, false),
            new Turn(new int[] {2}, true),
            new Turn(new int[] {3, 4, 5, 6, 7, 8, 9}, false),
            new Turn(new int[] {10}, true));
    SftExample odd = SftExample.of(turns, 8);
    assertThat(odd.ids()).containsExactly(1, 2, 3, 4, 5, 8, 9, 10);
    assertThat(odd.labels()).containsExactly(-100, 2, -100, -100, -100, -100, -100, 10);
    assertThat(odd.cut()).isEqualTo(2);
    assertThat(SftExample.of(turns, 5).ids()).containsExactly(1, 2, 3, 9, 10);
  }

  @Test
  void anExampleWithNothingToLearnIsRefused() {
    Turn prompt = new Turn(new int[] {1, 2}, false);
    Turn silence = new Turn(new int[0], true);
    Turn first = new Turn(new int[] {3}, true);
    for (List<Turn> turns : List.of(List.of(prompt), List.of(prompt, silence), List.of(first))) {
      assertThatThrownBy(() -> SftExample.of(turns, 8))
          .isInstanceOf(MalformedRecordException.class)
          .hasMessageContaining("nothing to learn");
    }
  }

  @Test
  void anAnswerThatLeavesNoRoomForThePromptIsRefused() {
    List<Turn> turns =
        List.of(new Turn(new int[] {1, 2, 3}, false), new Turn(new int[] {4, 5, 6}, true));
    assertThatThrownBy(() -> SftExample.of(turns, 4))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("6 tokens, over the 4 of a sequence");
  }
}
