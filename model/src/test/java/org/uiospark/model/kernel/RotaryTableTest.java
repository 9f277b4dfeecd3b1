package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.Test;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.reference.GoldenCase;

/** The golden models were trained for 2,048 positions. */
class RotaryTableTest {
  /** A million tokens in segments of 512, each of 16 memory tokens, and the last segment. */
  private static final int ROWS = 32_768 + 512;

  @Test
  void theTableGrowsByNeedAndBeyondThePositionsOfTheModel() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      MemoryModel model = golden.model();
      LlamaConfig config = golden.base().config();
      assertThat(config.rotary().maxPositions()).isEqualTo(2048);

      model.positions(40);
      assertThat(rows(model.positions(1))).isEqualTo(40);
      model.positions(50);
      assertThat(rows(model.positions(1))).isEqualTo(80);
      // The rows of the memories and of a whole segment behind them.
      int segment = model.segments().segmentLength();
      try (MemoryBank bank = model.bank(ROWS - segment)) {
        assertThat(rows(bank.positions(0))).isEqualTo(ROWS);
      }
      RotaryTable table = model.positions(1);
      assertThat(rows(table)).isEqualTo(ROWS);

      int headDim = config.attention().headDim();
      float[] cos = table.cos().toFloatArray();
      float[] sin = table.sin().toFloatArray();
      for (int i = 0; i < headDim / 2; i++) {
        double angle = (ROWS - 1) * Math.pow(config.rotary().theta(), -2.0 * i / headDim);
        assertThat((double) cos[(ROWS - 1) * headDim + i]).isCloseTo(Math.cos(angle), within(1e-6));
        assertThat((double) sin[(ROWS - 1) * headDim + i]).isCloseTo(Math.sin(angle), within(1e-6));
      }
    }
  }

  /** Rows near the end of a long bank are computed like those at its beginning. */
  @Test
  void aTokenDoesNotChangeWithTheSizeOfTheTableThatItsPositionIsReadFrom() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        NDManager scratch = golden.base().newManager()) {
      int l = golden.model().segments().segmentLength();
      int[] tokens = golden.sequence().inputIds();
      float[][] logits = new float[2][];
      int[] capacities = {2 * l, ROWS};
      for (int i = 0; i < 2; i++) {
        try (MemoryBank bank = golden.model().bank(capacities[i])) {
          bank.append(
              golden.model().encode(MemoryModel.tokens(scratch, tokens, 0, l), adapter), adapter);
          logits[i] = bank.logits(MemoryModel.tokens(scratch, tokens, l, 2 * l)).toFloatArray();
        }
      }
      assertThat(logits[1]).containsExactly(logits[0]);
    }
  }

  private static long rows(RotaryTable table) {
    return table.cos().getShape().get(0);
  }
}
