package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.model.reference.Distance.relative;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.kernel.StreamRows.Place;
import org.uiospark.model.reference.GoldenCase;

/** Logits of streams that are decoded together, beside those of a bank each. */
class StreamRowsTest {
  private static final int ROOM = 200;

  /** Three texts, one of them of no memory; five streams behind them, the first two of one text. */
  private static final int[] SEGMENTS = {3, 0, 5};

  private static final int[] TEXT_OF = {0, 2, 0, 1, 2};

  /** Tokens behind the memories of the first text that the third stream shares. */
  private static final int SHARED = 3;

  static Stream<Arguments> cases() {
    return Stream.of("mha", "gqa-tied")
        .flatMap(
            name ->
                Stream.of(MatrixProducts.values()).map(products -> Arguments.of(name, products)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsOfStreamsAreThoseOfABankEach(String name, MatrixProducts products) {
    SplittableRandom random = new SplittableRandom(3);
    try (GoldenCase golden = GoldenCase.open(name, products);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        NDManager scratch = golden.base().newManager();
        StreamRows rows = new StreamRows(golden.model())) {
      MemoryModel model = golden.model();
      int m = model.segments().memoryTokens();
      List<MemoryBank> shared = new ArrayList<>();
      List<MemoryBank> alone = new ArrayList<>();
      List<Place> places = new ArrayList<>();
      try {
        for (int segments : SEGMENTS) {
          shared.add(bank(model, adapter, scratch, segments));
        }
        int[] end = ids(model, random, SHARED);
        shared.get(0).extend(MemoryModel.tokens(scratch, end, 0, SHARED));
        for (int i = 0; i < TEXT_OF.length; i++) {
          MemoryBank own = bank(model, adapter, scratch, SEGMENTS[TEXT_OF[i]]);
          assertThat(own.rows()).isEqualTo(SEGMENTS[TEXT_OF[i]] * m);
          int more = i == 2 ? SHARED : 0;
          if (more > 0) {
            own.extend(MemoryModel.tokens(scratch, end, 0, more));
          }
          int behind = own.rows();
          int[] prompt = ids(model, random, 1 + 2 * i);
          own.extend(MemoryModel.tokens(scratch, prompt, 0, prompt.length));
          rows.require(i + 1, prompt.length);
          rows.fill(own, behind, prompt.length, i, 0);
          alone.add(own);
          places.add(new Place(shared.get(TEXT_OF[i]), behind, more, 0, prompt.length));
        }
        for (int round = 0; round < 20; round++) {
          if (round == 9) {
            // The last takes the place of one that ends.
            int last = places.size() - 1;
            rows.move(last, places.get(last).rows(), 1);
            places.set(1, places.remove(last));
            alone.set(1, alone.remove(last));
          }
          int[] tokens = ids(model, random, places.size());
          rows.require(places.size(), places.stream().mapToInt(Place::rows).max().orElse(0) + 1);
          float[][] logits = rows.next(tokens, places);
          for (int i = 0; i < tokens.length; i++) {
            float[] expected =
                alone.get(i).extend(MemoryModel.tokens(scratch, tokens, i, i + 1)).toFloatArray();
            assertThat(relative(logits[i], expected)).isLessThan(1e-5);
            Place place = places.get(i);
            places.set(
                i, new Place(place.bank(), place.behind(), place.shared(), 0, place.tokens() + 1));
          }
        }
      } finally {
        shared.forEach(MemoryBank::close);
        alone.forEach(MemoryBank::close);
      }
    }
  }

  private static MemoryBank bank(
      MemoryModel model, DeviceAdapter adapter, NDManager scratch, int segments) {
    MemoryBank bank = model.bank(ROOM);
    int l = model.segments().segmentLength();
    int[] text = ids(model, new SplittableRandom(segments), segments * l);
    for (int s = 0; s < segments; s++) {
      bank.append(
          model.encode(MemoryModel.tokens(scratch, text, s * l, (s + 1) * l), adapter), adapter);
    }
    return bank;
  }

  private static int[] ids(MemoryModel model, SplittableRandom random, int count) {
    return random.ints(count, 3, model.base().config().vocabSize()).toArray();
  }
}
