package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentSettings;

/** The PEFT folders mean what the adapter means, by another implementation. */
class PeftExportTest {
  private static final Path FIXTURES = Path.of("../model/src/test/resources/fixtures");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"mha", "gqa-tied"})
  void modelsWithThePeftFoldersMergedInHaveTheLossesOfTheAdapter(String name) throws IOException {
    Path model = FIXTURES.resolve(name);
    JsonNode expected = new ObjectMapper().readTree(model.resolve("expected.json").toFile());
    SegmentSettings segments =
        new SegmentSettings(
            expected.get("segment_length").asInt(), expected.get("memory_tokens").asInt());
    Adapter adapter = adapter(model, expected.get("lora_alpha").asDouble());
    SavedRun.write(folder.resolve("run"), model, adapter, segments);
    Path export = folder.resolve("export");
    CommandRun exported =
        CommandRun.of("export", "--checkpoint", folder.resolve("run"), "--output", export);
    assertThat(exported.status()).isZero();

    JsonNode tokens = new ObjectMapper().readTree(model.resolve("tokens.json").toFile());
    int[] ids = ints(tokens.get("input_ids"));
    List<Double> merged =
        new Float64Memory(model, export.resolve("peft"), memEmbedding(adapter))
            .losses(
                ids,
                tokens.has("labels") ? ints(tokens.get("labels")) : ids,
                segments.segmentLength(),
                segments.memoryTokens());

    JsonNode ours =
        new ObjectMapper()
            .readTree(
                CommandRun.of(
                        "audit",
                        "--model",
                        model,
                        "--adapter",
                        export,
                        "--tokens",
                        model.resolve("tokens.json"))
                    .out());
    assertClose(ours.get("loss_sum_per_segment"), merged);
    assertClose(expected.get("loss_sum_per_segment"), merged);
  }

  private static Adapter adapter(Path model, double alpha) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(model)) {
      return AdapterFiles.readTensors(model.resolve("adapter.safetensors"), base.config(), alpha);
    }
  }

  private static double[] memEmbedding(Adapter adapter) {
    AdapterShape.Slot slot =
        adapter.shape().slots().stream()
            .filter(each -> each.name().equals(AdapterShape.MEM_EMBEDDING))
            .findFirst()
            .orElseThrow();
    double[] values = new double[slot.size()];
    Arrays.setAll(values, i -> adapter.values()[slot.offset() + i]);
    return values;
  }

  private static void assertClose(JsonNode sums, List<Double> merged) {
    assertThat(merged).hasSize(sums.size());
    for (int t = 0; t < merged.size(); t++) {
      double sum = merged.get(t);
      assertThat(sums.get(t).asDouble()).isCloseTo(sum, within(1e-5 * sum));
    }
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
