package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.model.cost.FlopCount;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.segment.SegmentSettings;

/** The whole measurement on a model of a few thousand weights. */
@Tag("cluster")
class BenchCommandTest extends CommandInput {
  private static final Device DEVICE = ComputeDevice.available();

  private static final LlamaConfig CONFIG =
      new LlamaConfig(
          16,
          24,
          3,
          1e-5,
          AttentionConfig.plain(2, 1, 8),
          RotaryConfig.unscaled(1e4, 4096),
          new VocabularyConfig(50, false, 1, List.of(2)));

  @Test
  void everyFigureIsThereAndTheOperationsAreThoseOfTheMathematics() throws Exception {
    CommandRun run =
        CommandRun.of(
            "bench",
            "--hidden=16",
            "--layers=3",
            "--heads=2",
            "--kv-heads=1",
            "--ffn=24",
            "--vocab=50",
            "--segment-length=8",
            "--memory-tokens=2",
            "--rank=2",
            "--segments=3,5",
            "--estimators=exact,sampled-flat",
            "--samples=1",
            "--runs=2",
            "--steps=2");

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.at("/machine/cores").asInt()).isPositive();
    assertThat(report.at("/machine/device").asText()).startsWith(DEVICE.toString());
    assertThat(report.at("/versions/libtorch").asText()).startsWith("2.");
    assertThat(report.at("/sizes/adapter_values").asInt()).isEqualTo(16 + 3 * 2 * (64 + 16 + 24));
    assertThat(report.at("/sizes/tasks").asInt()).isEqualTo(1);
    assertThat(report.get("sizes").fieldNames())
        .toIterable()
        .containsExactly(
            "model",
            "adapter_values",
            "segment_length",
            "memory_tokens",
            "rank",
            "alpha",
            "window",
            "samples",
            "seed",
            "master",
            "tasks",
            "batch");
    assertThat(report.at("/sizes/model").fieldNames())
        .toIterable()
        .containsExactly(
            "hidden_size",
            "intermediate_size",
            "layers",
            "heads",
            "kv_heads",
            "head_dim",
            "vocab_size",
            "rms_norm_eps",
            "rope_theta",
            "max_position_embeddings",
            "tie_word_embeddings",
            "bos_token_id",
            "eos_token_ids",
            "rope_scaling",
            "attention_bias",
            "query_key_norm",
            "sliding_window");
    for (String threads : List.of("one_thread", "all_threads")) {
      JsonNode rate = report.at("/product_rate/" + threads);
      assertThat(rate.get("matmul_gflops").asDouble()).isPositive();
      assertThat(rate.get("kernel_gflops").asDouble()).isPositive();
    }
    assertThat(report.get("results")).hasSize(4);
    for (JsonNode result : report.get("results")) {
      assertMeasured(result);
    }
    assertThat(report.get("by_length")).hasSize(2);
    for (JsonNode ratio : report.get("by_length")) {
      assertThat(ratio.get("flops").asDouble()).isGreaterThan(5 / 3.0);
      assertThat(ratio.at("/in_process/seconds_over_flops").asDouble()).isPositive();
      assertThat(ratio.at("/spark/seconds_over_flops").asDouble()).isPositive();
    }
  }

  private static void assertMeasured(JsonNode result) {
    int segments = result.get("segments").asInt();
    boolean exact = result.get("estimator").asText().equals("exact");
    Estimator estimator = exact ? new Estimator.Exact() : new Estimator.Sampled(1);
    FlopCount count =
        FlopCount.of(
            CONFIG,
            2,
            new SegmentSettings(8, 2),
            estimator.draw(segments, new SplittableRandom(0)));
    assertThat(result.at("/work/flops").asDouble()).isEqualTo(count.total());
    assertThat(result.at("/work/flops_recomputed").asDouble())
        .isEqualTo(exact ? 0 : count.recomputed());
    assertThat(result.at("/work/tokens").asLong()).isEqualTo(8L * segments);
    // keys and values of 3 layers, 8 wide
    assertThat(result.at("/work/bank_bytes").asLong())
        .isEqualTo(2 * 3 * 8 * 4L * 2 * (segments - 1));
    for (String path : List.of("/in_process", "/spark")) {
      JsonNode figures = result.at(path);
      assertThat(figures.get("tokens_per_second").asDouble()).isPositive();
      assertThat(figures.at("/gemm_efficiency/alone").asDouble()).isPositive();
      assertThat(figures.has("memory")).isTrue();
      assertThat(figures.get("device_memory").isNull()).isEqualTo(!DEVICE.isGpu());
    }
    assertThat(result.at("/in_process/seconds_per_sequence").asDouble()).isPositive();
    assertThat(result.at("/spark/seconds_per_step").asDouble()).isPositive();
    assertThat(result.at("/in_process/sequences").asInt()).isEqualTo(2);
    assertThat(result.at("/spark/steps").asInt()).isEqualTo(2);
    assertThat(result.at("/spark/share/percent").asDouble()).isBetween(0.0, 100.0);
    assertThat(result.at("/spark/share/milliseconds").asDouble()).isPositive();
  }

  @Test
  void aModelThatCannotBeMeasuredIsRefusedInOneLine() {
    assertRefused(
        CommandRun.of("bench", "--model", folder.resolve("nowhere")), "nowhere", "does not exist");
    assertRefused(CommandRun.of("bench", "--model", TINY, "--rank", 100_000), "rank 100000");
  }
}
