package org.uiospark.model.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Continuations.Ended;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.TinyFamily;
import org.uiospark.model.segment.SegmentSettings;

class ContinuationsTest {
  private static final IntConsumer NOBODY = token -> {};

  @TempDir Path folder;

  /**
   * What is asked of a text, of which there are three.
   *
   * @param text 0 has no whole segment, and all that is asked of 2 has some tokens in common
   */
  private record Asked(int text, int[] rest, int limit, Sampling sampling) {}

  static Stream<Arguments> golden() {
    return Stream.of("mha", "gqa-tied")
        .flatMap(
            name ->
                Stream.of(MatrixProducts.values()).map(products -> Arguments.of(name, products)));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void manyTogetherSayWhatEachSaysAlone(String name, MatrixProducts products) {
    try (GoldenCase golden = GoldenCase.open(name, products);
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      assertThat(assertAsAlone(golden.model(), adapter)).isZero();
    }
  }

  /** In the small vocabulary of these models draws meet one of the tokens that end a text. */
  @ParameterizedTest
  @MethodSource("families")
  void soTheyDoInEveryFamily(String family) throws IOException {
    TinyFamily.write(folder, TinyFamily.ALL.get(family));
    Files.writeString(
        folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 3, 4, 5, 6, 7, 8, 9]}");
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), 3, 6);
      SplittableRandom random = new SplittableRandom(1);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextDouble() - 0.5) / 2;
      }
      for (MatrixProducts products : MatrixProducts.values()) {
        try (MemoryModel model =
                new MemoryModel(
                    base, new SegmentSettings(6, 3), shape, new Arithmetic(products, 1));
            DeviceAdapter adapter = model.upload(new Adapter(shape, values))) {
          assertThat(assertAsAlone(model, adapter)).isPositive();
        }
      }
    }
  }

  static Stream<String> families() {
    return TinyFamily.ALL.keySet().stream();
  }

  /**
   * Texts with and without memory, prompts shorter and longer than a segment and as long, answers
   * within which segments end, greedy ones and drawn ones; five at most go together, and others
   * begin whenever some end.
   *
   * @return how many ended before their limit
   */
  private static int assertAsAlone(MemoryModel model, DeviceAdapter adapter) {
    int l = model.segments().segmentLength();
    SplittableRandom random = new SplittableRandom(7);
    int[][] texts = {{}, ids(model, random, 2 * l), ids(model, random, 19 * l)};
    int[][] common = {{}, {}, ids(model, random, l / 2)};
    List<Asked> asked = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int[] rest = ids(model, random, i % 8 == 5 ? l : i % 8 == 6 ? 2 * l + 3 : 1 + i % l);
      rest = joined(common[i % 3], rest);
      Sampling sampling = i % 4 == 2 ? new Sampling(1.5, 0.99, i) : Sampling.GREEDY;
      asked.add(new Asked(i % 3, rest, i % 4 == 0 ? 1 + i / 4 : l + 5 + i, sampling));
    }
    Map<Asked, int[]> together = together(model, adapter, texts, common, asked, 5);
    int stopped = 0;
    for (Asked each : asked) {
      try (MemoryReader reader = new MemoryReader(model, adapter)) {
        int[] prompt = joined(texts[each.text()], each.rest());
        int[] alone =
            new TextGenerator(model, adapter)
                .generate(reader, prompt, each.limit(), each.sampling(), NOBODY);
        assertThat(together.get(each)).as("%s", each).containsExactly(alone);
        stopped += alone.length < each.limit() ? 1 : 0;
      }
    }
    return stopped;
  }

  private static Map<Asked, int[]> together(
      MemoryModel model,
      DeviceAdapter adapter,
      int[][] texts,
      int[][] common,
      List<Asked> asked,
      int most) {
    Map<Asked, int[]> answers = new LinkedHashMap<>();
    Map<Continuation, Asked> whose = new LinkedHashMap<>();
    List<MemoryReader> readers = new ArrayList<>();
    try (Continuations running = new Continuations(model, adapter)) {
      for (int i = 0; i < texts.length; i++) {
        MemoryReader reader = new MemoryReader(model, adapter);
        readers.add(reader);
        // The last token only says that more follows.
        assertThat(reader.compress(joined(texts[i], new int[] {5}))).containsExactly(5);
        if (common[i].length > 0) {
          reader.read(common[i]);
        }
      }
      Deque<Asked> waiting = new ArrayDeque<>(asked);
      while (!waiting.isEmpty() || running.size() > 0) {
        while (!waiting.isEmpty() && running.size() < most) {
          Asked next = waiting.remove();
          Continuation text = new Continuation(model, next.limit(), next.sampling(), NOBODY);
          whose.put(text, next);
          if (!running.begin(readers.get(next.text()), next.rest(), text)) {
            answers.put(next, text.tokens());
          }
        }
        for (Ended ended : running.advance()) {
          ended.orThrow();
          answers.put(whose.get(ended.text()), ended.text().tokens());
        }
      }
    } finally {
      readers.forEach(MemoryReader::close);
    }
    return answers;
  }

  /** Each has memories of its own, as a prompt that is asked of no text. */
  @Test
  void wholeSegmentsOfAPromptMayBeReadBefore() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        Continuations running = new Continuations(golden.model(), adapter);
        MemoryReader first = new MemoryReader(golden.model(), adapter);
        MemoryReader second = new MemoryReader(golden.model(), adapter)) {
      MemoryModel model = golden.model();
      int l = model.segments().segmentLength();
      int[] prompt = ids(model, new SplittableRandom(2), 40 * l);
      int[] other = ids(model, new SplittableRandom(4), 3 * l + 1);
      Continuation text = new Continuation(model, 30, Sampling.GREEDY, NOBODY);
      Continuation otherText = new Continuation(model, 30, Sampling.GREEDY, NOBODY);
      int[] rest = first.compress(prompt);
      assertThat(rest).hasSize(l);
      running.begin(first, rest, text);
      running.begin(second, second.compress(other), otherText);
      while (running.size() > 0) {
        running.advance();
      }
      TextGenerator alone = new TextGenerator(model, adapter);
      assertThat(text.tokens())
          .containsExactly(alone.generate(prompt, 30, Sampling.GREEDY, NOBODY));
      assertThat(otherText.tokens())
          .containsExactly(alone.generate(other, 30, Sampling.GREEDY, NOBODY));
    }
  }

  @Test
  void whatFailsForOneTextEndsThatOneAlone() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        Continuations running = new Continuations(golden.model(), adapter);
        MemoryReader reader = new MemoryReader(golden.model(), adapter)) {
      MemoryModel model = golden.model();
      int[] prompt = ids(model, new SplittableRandom(2), 5);
      List<Integer> seen = new ArrayList<>();
      Continuation good = new Continuation(model, 20, Sampling.GREEDY, NOBODY);
      Continuation bad =
          new Continuation(
              model,
              20,
              Sampling.GREEDY,
              token -> {
                seen.add(token);
                if (seen.size() == 3) {
                  throw new IllegalStateException("nobody listens");
                }
              });
      assertThat(running.begin(reader, prompt, bad)).isTrue();
      assertThat(running.begin(reader, prompt, good)).isTrue();
      assertThat(running.advance()).isEmpty();

      List<Ended> ended = running.advance();

      assertThat(ended).hasSize(1);
      assertThatThrownBy(() -> ended.get(0).orThrow()).hasMessage("nobody listens");
      while (running.size() > 0) {
        running.advance();
      }
      int[] alone = new TextGenerator(model, adapter).generate(prompt, 20, Sampling.GREEDY, NOBODY);
      assertThat(good.tokens()).containsExactly(alone);
      assertThat(seen).containsExactlyElementsOf(Arrays.stream(alone).limit(3).boxed().toList());
    }
  }

  @Test
  void readersOfAnotherTextAndPromptsWithoutTokensAreRefused() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter());
        Continuations running = new Continuations(golden.model(), adapter);
        MemoryReader reader = new MemoryReader(golden.model(), adapter)) {
      Continuation text = new Continuation(golden.model(), 20, Sampling.GREEDY, NOBODY);
      assertThatThrownBy(() -> running.begin(reader, new int[0], text))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("no token");
      reader.read(5, 6, 7);
      for (int[] other : new int[][] {{}, {5, 6}, {5, 6, 8, 9}}) {
        assertThatThrownBy(() -> running.begin(reader, other, text))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThatThrownBy(() -> running.begin(reader, new int[] {5, 6, 7}, text))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("no token");
      assertThat(reader.residual()).containsExactly(5, 6, 7);
      assertThat(running.size()).isZero();
    }
  }

  private static int[] ids(MemoryModel model, SplittableRandom random, int count) {
    return random.ints(count, 3, model.base().config().vocabSize()).toArray();
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
