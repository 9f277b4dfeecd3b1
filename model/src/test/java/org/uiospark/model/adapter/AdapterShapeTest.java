package org.uiospark.model.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InvalidInputException;

class AdapterShapeTest {

  @Test
  void theSlotsFillTheFlatVector() {
    AdapterShape shape = new AdapterShape(3, 16, 16, 8, 4, 8).withRepeat();

    int end = 0;
    for (AdapterShape.Slot slot : shape.slots()) {
      assertThat(slot.offset()).as(slot.name()).isEqualTo(end);
      end += slot.size();
    }
    assertThat(shape.size()).isEqualTo(end);
  }

  @Test
  void moreValuesThanATaskCanSendAreRefused() {
    // Llama 2 70B: 80 layers of 8192 with 1,024 for keys and values, 44,032 values a rank and
    // layer.
    assertThat(new AdapterShape(80, 8192, 8192, 1024, 128, 512).size())
        .isEqualTo(8192 + 80 * 128 * 44_032);

    assertThatThrownBy(() -> new AdapterShape(80, 8192, 8192, 1024, 160, 640))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("rank 160")
        .hasMessageContaining("lower the rank");
  }
}
