package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.NonFiniteException;

class MemoryReaderTest {

  /** Long enough for two new segments to fill, wherever in a segment the prompt ends. */
  @ParameterizedTest
  @CsvSource({
    "mha, 20, 0",
    "mha, 20, 7",
    "mha, 19, 15",
    "mha, 0, 5",
    "mha, 1, 0",
    "gqa-tied, 20, 0",
    "gqa-tied, 20, 11",
    "gqa-tied, 19, 23",
    "gqa-tied, 0, 1"
  })
  void generatedTokensEqualThoseOfMemoriesRecomputedForEachToken(
      String name, int segments, int residual) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryReader reader = new MemoryReader(golden.model(), adapter)) {
      int l = golden.model().segments().segmentLength();
      int newTokens = 2 * l + 3;
      int[] prompt = prompt(golden, segments * l + residual);

      int[] generated =
          new TextGenerator(golden.model(), adapter)
              .generate(prompt, newTokens, Sampling.GREEDY, token -> {});

      assertThat(generated).hasSize(newTokens);
      int[] text = Arrays.copyOf(prompt, prompt.length + newTokens);
      float[] read = reader.read(prompt);
      for (int n = prompt.length; n < text.length; n++) {
        float[] logits = logitsFromScratch(golden.model(), adapter, Arrays.copyOf(text, n));
        // Equal tokens alone would forgive a small error in the memories.
        assertClose(read, logits);
        text[n] = likeliest(logits);
        read = reader.read(text[n]);
      }
      assertThat(generated).containsExactly(Arrays.copyOfRange(text, prompt.length, text.length));
    }
  }

  @Test
  void logitsDoNotDependOnHowTheTokensArrive() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryReader atOnce = new MemoryReader(golden.model(), adapter);
        MemoryReader oneByOne = new MemoryReader(golden.model(), adapter)) {
      int[] tokens = prompt(golden, 3 * golden.model().segments().segmentLength() + 6);
      float[] last = null;
      for (int token : tokens) {
        last = oneByOne.read(token);
      }
      float[] expected = atOnce.read(tokens);
      assertThat(oneByOne.residual()).containsExactly(atOnce.residual()).hasSize(6);
      assertClose(last, expected);
    }
  }

  /** Pieces of a prompt that are encoded apart and arrive in any order. */
  @ParameterizedTest
  @CsvSource({"mha, 20, 7", "mha, 19, 1", "gqa-tied, 20, 11"})
  void generationBehindSegmentsEncodedElsewhereIsThatOfOneReader(
      String name, int segments, int residual) {
    try (GoldenCase golden = GoldenCase.open(name);
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      MemoryModel model = golden.model();
      int l = model.segments().segmentLength();
      int[] prompt = prompt(golden, segments * l + residual);
      for (Sampling sampling : List.of(Sampling.GREEDY, new Sampling(0.9, 0.9, 5))) {
        TextGenerator generator = new TextGenerator(model, adapter);
        int[] serial = generator.generate(prompt, 2 * l + 3, sampling, token -> {});

        try (MemoryReader reader = new MemoryReader(model, adapter)) {
          reader.begin(segments);
          for (int from = (segments - 1) / 6 * 6; from >= 0; from -= 6) {
            int to = Math.min(from + 6, segments);
            int[] piece = Arrays.copyOfRange(prompt, from * l, to * l);
            byte[] memories = new SegmentEncoder(model, adapter).encode(from, piece);
            reader.put(from, memories, BasePrecision.FLOAT32);
          }
          int[] rest = Arrays.copyOfRange(prompt, segments * l, prompt.length);
          assertThat(generator.generate(reader, rest, 2 * l + 3, sampling, token -> {}))
              .hasSizeGreaterThan(1)
              .containsExactly(serial);
        }
      }
    }
  }

  /** Whoever goes on behind a long text has no second bank for it. */
  @Test
  void aBankTakesLittleMoreThanItsRows() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryReader reader = new MemoryReader(golden.model(), adapter);
        MemoryReader whole = new MemoryReader(golden.model(), adapter);
        MemoryReader inParts = new MemoryReader(golden.model(), adapter)) {
      int l = golden.model().segments().segmentLength();
      int m = golden.model().segments().memoryTokens();
      reader.begin(1_000);
      int begun = reader.capacity();
      assertThat(begun).isBetween(1_000 * m + l, 1_016 * m + l);
      int[] text = prompt(golden, 60 * l + 1);
      for (int from = 0; from < 5 * l; from += 3) {
        reader.read(Arrays.copyOfRange(text, from, from + 3));
      }
      assertThat(reader.capacity()).isEqualTo(begun);

      whole.read(text);
      assertThat(whole.capacity()).isBetween(60 * m + l, 76 * m + l);
      for (int from = 0; from < text.length; from += 7) {
        int to = Math.min(from + 7, text.length);
        inParts.read(Arrays.copyOfRange(text, from, to));
        int rows = to / l * m + l;
        assertThat(inParts.capacity()).isBetween(rows, rows + Math.max(16 * m, rows / 4));
      }
      assertClose(inParts.read(5), whole.read(5));
    }
  }

  @Test
  void noTokenAndTokensOutsideTheVocabularyAreRefused() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryReader reader = new MemoryReader(golden.model(), adapter)) {
      assertThatThrownBy(reader::read).isInstanceOf(InvalidInputException.class);
      assertThatThrownBy(() -> reader.read(3, 260))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("260");
    }
  }

  @Test
  void logitsThatAreNotFiniteAreAnErrorAndNoToken() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      float[] huge = new float[golden.adapter().values().length];
      Arrays.fill(huge, Float.MAX_VALUE);
      try (DeviceAdapter adapter =
              golden.model().upload(new Adapter(golden.adapter().shape(), huge));
          MemoryReader reader = new MemoryReader(golden.model(), adapter)) {
        int[] tokens = prompt(golden, golden.model().segments().segmentLength() + 1);
        assertThatThrownBy(() -> reader.read(tokens))
            .isInstanceOf(NonFiniteException.class)
            .hasMessageContaining("not finite");
      }
    }
  }

  private static int[] prompt(GoldenCase golden, int length) {
    // From 3 on: the specials come before.
    return new SplittableRandom(11).ints(length, 3, golden.base().config().vocabSize()).toArray();
  }

  /** All segments but the last encoded anew, the last decoded over their memories in one pass. */
  private static float[] logitsFromScratch(MemoryModel model, DeviceAdapter adapter, int[] tokens) {
    int l = model.segments().segmentLength();
    int memories = (tokens.length - 1) / l;
    try (MemoryBank bank = model.bank((memories + 1) * l);
        NDManager scratch = model.base().newManager()) {
      for (int s = 0; s < memories; s++) {
        NDArray ids = MemoryModel.tokens(scratch, tokens, s * l, (s + 1) * l);
        bank.append(model.encode(ids, adapter), adapter);
      }
      NDArray last = MemoryModel.tokens(scratch, tokens, memories * l, tokens.length);
      return bank.logits(last).get(tokens.length - memories * l - 1).toFloatArray();
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i])).isLessThan(1e-4f);
    }
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }
}
