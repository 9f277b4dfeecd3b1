package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;

class AuditCommandTest {
  private static final Path FIXTURES = Path.of("../model/src/test/resources/fixtures");
  private static final Path MHA = FIXTURES.resolve("mha");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "mha, exact, grad-exact", "mha, tbptt, grad-tbptt-2",
    "gqa-tied, exact, grad-exact", "gqa-tied, tbptt, grad-tbptt-2"
  })
  void lossesAndGradientEqualTheIndependentOnes(String name, String estimator, String gradient)
      throws IOException {
    Path fixture = FIXTURES.resolve(name);
    JsonNode expected = new ObjectMapper().readTree(fixture.resolve("expected.json").toFile());
    Path written = folder.resolve("gradient.safetensors");

    CommandRun run = bare(fixture, "--estimator", estimator, "--window", 2, "--gradients", written);

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.get("estimator").asText()).isEqualTo(estimator);
    assertThat(report.get("valid_labels")).isEqualTo(expected.get("valid_labels"));
    JsonNode sums = report.get("loss_sum_per_segment");
    assertThat(sums).hasSameSizeAs(expected.get("loss_sum_per_segment"));
    for (int t = 0; t < sums.size(); t++) {
      double sum = expected.get("loss_sum_per_segment").get(t).asDouble();
      assertThat(sums.get(t).asDouble()).isCloseTo(sum, within(1e-5 * sum));
    }
    double norm = assertGradient(written, fixture.resolve(gradient + ".safetensors"));
    assertThat(report.get("gradient_norm").asDouble()).isCloseTo(norm, within(1e-4 * norm));
  }

  @Test
  void anEstimatorWithoutVarianceIsComparedWithExact() throws IOException {
    JsonNode exact = comparison("--estimator", "exact", "--repeats", 3);
    JsonNode truncated = comparison("--estimator", "tbptt", "--window", 2, "--repeats", 2);

    assertThat(exact.get("gradient_norm_ratio_mean").asDouble()).isCloseTo(1, within(1e-9));
    assertThat(exact.get("gradient_norm_ratio_variance").asDouble()).isCloseTo(0, within(1e-12));
    assertThat(exact.get("relative_bias").asDouble()).isCloseTo(0, within(1e-7));

    Map<String, float[]> full = tensors(MHA.resolve("grad-exact.safetensors"));
    Map<String, float[]> cut = tensors(MHA.resolve("grad-tbptt-2.safetensors"));
    full.keySet().removeIf(name -> name.startsWith("transfer."));
    cut.keySet().removeIf(name -> name.startsWith("transfer."));
    float[] g = flat(cut);
    float[] reference = flat(full);
    double ratio = norm(g, new float[g.length]) / norm(reference, new float[g.length]);
    double bias = norm(g, reference) / norm(reference, new float[g.length]);
    assertThat(truncated.get("gradient_norm_ratio_mean").asDouble()).isCloseTo(ratio, within(1e-4));
    assertThat(truncated.get("gradient_norm_ratio_variance").asDouble())
        .isCloseTo(0, within(1e-12));
    assertThat(truncated.get("relative_bias").asDouble()).isCloseTo(bias, within(1e-4));
  }

  /** The bias of the mean of 100 draws is their standard error: far below that of one draw. */
  @ParameterizedTest
  @ValueSource(strings = {"sampled", "unbiased"})
  void theMeanOfUnbiasedDrawsComesCloseToExact(String estimator) throws IOException {
    Object[] options = {"--estimator", estimator, "--window", 2, "--samples", 2, "--repeats"};
    JsonNode one = comparison(with(options, 1));
    JsonNode many = comparison(with(options, 100));

    assertThat(many.get("repeats").asInt()).isEqualTo(100);
    assertThat(one.get("gradient_norm_ratio_variance").asDouble()).isZero();
    assertThat(many.get("gradient_norm_ratio_variance").asDouble()).isGreaterThan(1e-3);
    assertThat(many.get("relative_bias").asDouble())
        .isLessThan(one.get("relative_bias").asDouble() / 2);
  }

  @Test
  void anAdapterFolderTellsHowItIsUsedAndOptionsCountMore() throws IOException {
    Path adapter = adapterFolder();

    CommandRun asTrained = audit(MHA, adapter);
    CommandRun shorter = audit(MHA, adapter, "--segment-length", 8, "--memory-tokens", 2);

    assertThat(asTrained.status()).isZero();
    assertThat(asTrained.out()).isEqualTo(bare(MHA).out());
    assertThat(new ObjectMapper().readTree(shorter.out()).get("loss_sum_per_segment")).hasSize(13);
  }

  @Test
  void anAdapterOfAnotherModelIsRefused() throws IOException {
    assertRefused(audit(FIXTURES.resolve("gqa-tied"), adapterFolder()), "another model");
    assertRefused(
        audit(FIXTURES.resolve("gqa-tied"), MHA.resolve("adapter.safetensors")), "adapter");
  }

  @Test
  void filesThatCannotBeReadAreRefused() throws IOException {
    Path tokens = folder.resolve("tokens.json");

    assertRefused(withTokens(tokens), "tokens file", "does not exist");
    Files.writeString(tokens, "{\"input_ids\": [1, 2");
    assertRefused(withTokens(tokens), "is not valid JSON");
    Files.writeString(tokens, "{\"ids\": [1, 2]}");
    assertRefused(withTokens(tokens), "no list 'input_ids'");
    Files.writeString(tokens, "{\"input_ids\": [1, 2.5]}");
    assertRefused(withTokens(tokens), "input_ids[1] is 2.5");
    Files.writeString(tokens, "{\"input_ids\": [1, 260]}");
    assertRefused(withTokens(tokens), "260");
    Files.writeString(tokens, "{\"input_ids\": [1, 3], \"labels\": [1, -100]}");
    assertRefused(withTokens(tokens), "no label that counts");
    Files.writeString(tokens, "{\"input_ids\": [1, 3], \"labels\": [1]}");
    assertRefused(withTokens(tokens), "1 labels for 2 tokens");
    assertRefused(bare(MHA, "--gradients", folder.resolve("no/such.safetensors")), "no/such");
    assertRefused(audit(MHA, folder.resolve("nowhere")), "nowhere", "does not exist");
    assertRefused(audit(folder, MHA), "config.json");
  }

  private CommandRun withTokens(Path tokens) {
    return CommandRun.of(
        "audit",
        "--model",
        MHA,
        "--adapter",
        MHA,
        "--tokens",
        tokens,
        "--segment-length",
        16,
        "--memory-tokens",
        4);
  }

  private JsonNode comparison(Object... options) throws IOException {
    return new ObjectMapper().readTree(bare(MHA, options).out()).get("against_exact");
  }

  /** The fixture's tensors, with what they do not tell. */
  private static CommandRun bare(Path fixture, Object... options) throws IOException {
    JsonNode expected = new ObjectMapper().readTree(fixture.resolve("expected.json").toFile());
    List<Object> all = new ArrayList<>();
    all.addAll(List.of("--segment-length", expected.get("segment_length").asInt()));
    all.addAll(List.of("--memory-tokens", expected.get("memory_tokens").asInt()));
    all.addAll(List.of("--alpha", expected.get("lora_alpha").asDouble()));
    all.addAll(Arrays.asList(options));
    return audit(fixture, fixture.resolve("adapter.safetensors"), all.toArray());
  }

  private static CommandRun audit(Path model, Path adapter, Object... options) {
    Object[] first = {
      "audit", "--model", model, "--adapter", adapter, "--tokens", MHA.resolve("tokens.json")
    };
    first[first.length - 1] = FIXTURES.resolve(model.getFileName()).resolve("tokens.json");
    return CommandRun.of(with(first, options));
  }

  private static Object[] with(Object[] first, Object... more) {
    Object[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  private Path adapterFolder() {
    Path saved = folder.resolve("adapter");
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MHA)) {
      Adapter adapter =
          AdapterFiles.readTensors(MHA.resolve("adapter.safetensors"), base.config(), 16);
      AdapterFiles.save(
          saved,
          adapter,
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("mha", base.fingerprint(), base.config()),
              new SegmentSettings(16, 4),
              adapter.shape(),
              Map.of()));
    }
    return saved;
  }

  /** The norm of the expected gradient. */
  private static double assertGradient(Path actual, Path expected) {
    Map<String, float[]> computed = tensors(actual);
    Map<String, float[]> reference = tensors(expected);
    assertThat(computed).containsOnlyKeys(reference.keySet());
    float[] wanted = flat(reference);
    double norm = norm(wanted, new float[wanted.length]);
    assertThat(norm(flat(computed), wanted)).isLessThan(1e-4 * norm);
    return norm;
  }

  private static Map<String, float[]> tensors(Path file) {
    Map<String, float[]> tensors = new TreeMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      opened.names().forEach(name -> tensors.put(name, opened.tensor(name).floats()));
    }
    return tensors;
  }

  private static float[] flat(Map<String, float[]> tensors) {
    float[] all = new float[tensors.values().stream().mapToInt(values -> values.length).sum()];
    int at = 0;
    for (float[] values : tensors.values()) {
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  private static double norm(float[] values, float[] minus) {
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      squares += Math.pow(values[i] - (double) minus[i], 2);
    }
    return Math.sqrt(squares);
  }
}
