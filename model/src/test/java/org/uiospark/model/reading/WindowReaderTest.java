package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

class WindowReaderTest {

  /** Three segments and a part of one, which the base reads as one piece. */
  private static int[] text(GoldenCase golden) {
    int[] ids = golden.sequence().inputIds();
    int length = 3 * golden.model().segments().segmentLength() + 5;
    return IntStream.range(0, length).map(i -> ids[i % ids.length]).toArray();
  }

  /** The loss of a token is that of the base with the whole text in its window. */
  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void logitsAreThoseOfTheBaseThatHasAllTokensInItsWindow(String name) {
    try (GoldenCase golden = GoldenCase.open(name);
        WindowReader reader = new WindowReader(golden.model(), 200)) {
      int[] text = text(golden);
      double sum = 0;
      float[] logits = reader.read(Arrays.copyOf(text, text.length - 5));
      for (int i = text.length - 5; i < text.length; i++) {
        sum += loss(logits, text[i]);
        logits = reader.read(text[i]);
      }

      int[] labels = new int[text.length];
      Arrays.fill(labels, TokenSequence.IGNORED);
      System.arraycopy(text, text.length - 5, labels, text.length - 5, 5);
      SequenceEvaluation evaluation =
          new SequenceEvaluation(golden.model(), new TokenSequence("text", 0, text, labels));
      double expected =
          evaluation.withWindow(text.length, 0, evaluation.segments()).sums().stream()
              .mapToDouble(Double::doubleValue)
              .sum();
      assertThat(sum).isCloseTo(expected, within(1e-3 * expected));
    }
  }

  private static double loss(float[] logits, int token) {
    double most = IntStream.range(0, logits.length).mapToDouble(i -> logits[i]).max().orElseThrow();
    double all =
        IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] - most)).sum();
    return Math.log(all) + most - logits[token];
  }

  @Test
  void neitherTheAdapterNorHowTextIsCutMatters() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        MemoryModel other =
            new MemoryModel(golden.base(), new SegmentSettings(4, 1), golden.adapter().shape());
        DeviceAdapter otherAdapter = other.upload(golden.adapter());
        WindowReader reader = new WindowReader(golden.model(), 200);
        WindowReader otherReader = new WindowReader(other, 100)) {
      int[] generated =
          new TextGenerator(golden.model(), adapter)
              .generate(reader, text(golden), 12, Sampling.GREEDY, token -> {});

      assertThat(generated).isNotEmpty();
      assertThat(
              new TextGenerator(other, otherAdapter)
                  .generate(otherReader, text(golden), 12, Sampling.GREEDY, token -> {}))
          .containsExactly(generated);
    }
  }

  @Test
  void theLikeliestTokenIsThatOfTheWholeTextReadAtOnce() {
    try (GoldenCase golden = GoldenCase.open("mha");
        WindowReader reader = new WindowReader(golden.model(), 200);
        MemoryBank bank = golden.model().bank(200);
        NDManager scratch = golden.base().newManager()) {
      int[] text = text(golden);
      long[] likeliest =
          bank.logits(MemoryModel.tokens(scratch, text, 0, text.length)).argMax(1).toLongArray();

      float[] logits = reader.read(text);

      int best =
          IntStream.range(0, logits.length)
              .reduce((a, b) -> logits[b] > logits[a] ? b : a)
              .orElseThrow();
      assertThat(best).isEqualTo((int) likeliest[text.length - 1]);
    }
  }

  @ParameterizedTest
  @CsvSource({"10, 4, 20, 10", "10, 4, 13, 10", "10, 4, 12, 9", "10, 1, 5, 5", "10, 9, 5, 1"})
  void promptAndAnswerFitTheWindowTogether(int length, int answer, int window, int kept) {
    int[] prompt = IntStream.range(0, length).toArray();

    assertThat(WindowReader.inWindow(prompt, answer, window))
        .containsExactly(IntStream.range(length - kept, length).toArray());
  }
}
