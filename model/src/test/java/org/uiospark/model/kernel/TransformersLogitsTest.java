package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.reference.ReferenceModel;
import org.uiospark.model.segment.SegmentSettings;

/**
 * The base models themselves against {@code transformers}: folders that it saved, and the logits
 * that it computed ({@code make.py} beside them says how). Of dynamic RoPE, whose window is 10 or
 * 16 tokens, all 24 tokens are one list.
 */
class TransformersLogitsTest {
  private static final Path FOLDER = Path.of("src/test/resources/transformers");
  private static final SegmentSettings SEGMENTS = new SegmentSettings(8, 2);

  static Stream<Arguments> cases() {
    return Stream.of(
            "qwen3",
            "qwen3-bias-yarn",
            "llama-attention-bias",
            "llama-yarn",
            "qwen2-yarn",
            "llama-dynamic",
            "qwen3-dynamic")
        .flatMap(
            name -> Stream.of(MatrixProducts.values()).map(product -> Arguments.of(name, product)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsAreThoseOfTransformers(String name, MatrixProducts products) throws IOException {
    Path folder = FOLDER.resolve(name);
    int[] ids = new ObjectMapper().readValue(FOLDER.resolve("tokens.json").toFile(), int[].class);
    float[] expected = GoldenCase.tensors(folder.resolve("logits.safetensors")).get("logits");

    double[][] reference = reference(folder, ids);
    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model =
            new MemoryModel(
                base, SEGMENTS, AdapterShape.of(base.config(), 2, 4), new Arithmetic(products, 1));
        MemoryBank bank = model.bank(ids.length);
        NDManager scratch = base.newManager()) {
      float[] logits = bank.logits(MemoryModel.tokens(scratch, ids, 0, ids.length)).toFloatArray();
      assertThat(logits).hasSameSizeAs(expected);
      int vocabulary = base.config().vocabSize();
      for (int i = 0; i < logits.length; i++) {
        double own = reference[i / vocabulary][i % vocabulary];
        assertThat(own).isCloseTo(expected[i], within(1e-4));
        assertThat((double) logits[i]).isCloseTo(expected[i], within(1e-4));
      }
    }
  }

  /** The reference of the other tests is worth comparing with only if it agrees too. */
  private static double[][] reference(Path folder, int[] ids) {
    ReferenceModel reference =
        new ReferenceModel(folder, SEGMENTS.segmentLength(), SEGMENTS.memoryTokens(), 2);
    return reference.logits(List.of(), reference.embedded(ids, 0, ids.length), Map.of());
  }
}
