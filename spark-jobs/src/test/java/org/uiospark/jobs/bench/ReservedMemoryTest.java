package org.uiospark.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A GPU that does not exist: its memory is a number. */
class ReservedMemoryTest {
  @Test
  void thePeakIsWhatIsReservedAfterTheAllocatorHasGivenBackWhatItHeldBefore() {
    AtomicLong used = new AtomicLong(900);
    ReservedMemory memory = ReservedMemory.reset(() -> used.set(300), used::get);
    used.set(700);

    assertThat(memory.since(2, new Work(1, 1, 1, 20, 40)))
        .isEqualTo(new ResidentMemory.Figures(300, 700, 40, 80));
  }

  @Test
  void ofACpuThereIsNone() {
    assertThat(ReservedMemory.reset(Device.cpu())).isNull();
  }
}
