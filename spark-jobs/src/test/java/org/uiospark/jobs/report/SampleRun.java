package org.uiospark.jobs.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.results.ResultFile;

/** An output folder with made-up figures of everything that a report shows. */
final class SampleRun {
  static final int STEPS = 1200;

  private SampleRun() {}

  static OutputFolder all(Path folder) throws IOException {
    training(folder, STEPS);
    Files.writeString(folder.resolve(ResultFile.PERPLEXITY), PERPLEXITY);
    Files.writeString(folder.resolve(ResultFile.AUTO_ENCODING), AUTO_ENCODING);
    Files.writeString(folder.resolve(ResultFile.RECALL), recall());
    Files.writeString(folder.resolve(ResultFile.AUDIT), AUDIT);
    Files.writeString(folder.resolve(ResultFile.EVALUATION), EVALUATION);
    return OutputFolder.of(folder.toString(), new Configuration());
  }

  static OutputFolder training(Path folder, int steps) throws IOException {
    Files.writeString(folder.resolve("metrics.jsonl"), metrics(steps));
    Path checkpoint = Files.createDirectories(folder.resolve("checkpoints/step-" + steps));
    Files.writeString(checkpoint.resolve("trainer_state.json"), STATE);
    Files.writeString(checkpoint.resolve("MANIFEST.json"), "{}");
    return OutputFolder.of(folder.toString(), new Configuration());
  }

  private static String metrics(int steps) {
    Random random = new Random(5);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      double loss = 3.1 + 1.4 * Math.exp(-4.0 * step / steps) + 0.12 * random.nextGaussian();
      double lr = 2e-3 * Math.min(step / 50.0, 0.5 + 0.5 * Math.cos(Math.PI * step / steps));
      String heldOut =
          step % (steps / 12) == 0
              ? String.format(Locale.ROOT, ",\"held_out_loss\":%.4f", loss + 0.05)
              : "";
      lines.append(
          String.format(
              Locale.ROOT,
              "{\"step\":%d,\"loss\":%.6f,\"tokens\":4096,\"seconds\":1.5,"
                  + "\"tokens_per_second\":%.2f,\"grad_norm\":%.5f,\"lr\":%.9f%s}%n",
              step,
              loss,
              2730 + 90 * random.nextGaussian(),
              0.8 + 0.3 * random.nextDouble(),
              lr,
              heldOut));
    }
    return lines.toString();
  }

  private static final String STATE =
      """
      {"format_version": 1, "step": 1200, "seed": 7, "model_fingerprint": "9f8e7d6c5b4a",
       "data_fingerprint": "0a1b2c3d4e5f",
       "settings": {"batch": 4, "data": "books <&> \\"more\\"", "lr": 0.002, "rank": 16},
       "versions": {"java": "17", "spark": "4.1.1", "uio-spark": "0.1.0"}}
      """;

  private static final String PERPLEXITY =
      """
      {"rows": [
        {"context_tokens": 128, "sequences": 24, "labels": 3048,
         "with_memory": 31.2, "with_memory_interval": {"low": 29.4, "high": 33.0},
         "without_memory": 31.2, "without_memory_interval": {"low": 29.4, "high": 33.0},
         "native_window": 31.2, "native_window_interval": {"low": 29.4, "high": 33.0},
         "gain": 0.0, "gain_interval": {"low": 0.0, "high": 0.0}},
        {"context_tokens": 512, "sequences": 24, "labels": 12264,
         "with_memory": 27.9, "with_memory_interval": {"low": 26.8, "high": 29.0},
         "without_memory": 30.8, "without_memory_interval": {"low": 29.5, "high": 32.2},
         "native_window": 25.1, "native_window_interval": {"low": 24.1, "high": 26.1},
         "gain": 0.094156, "gain_interval": {"low": 0.08127, "high": 0.10688}},
        {"context_tokens": 2048, "sequences": 19, "labels": 38893,
         "with_memory": 26.4, "with_memory_interval": {"low": 25.6, "high": 27.2},
         "without_memory": 30.9, "without_memory_interval": {"low": 30.0, "high": 31.8},
         "native_window": 25.6, "native_window_interval": {"low": 24.9, "high": 26.3},
         "gain": 0.145631, "gain_interval": {"low": 0.1339, "high": 0.15721}},
        {"context_tokens": 32768, "sequences": 5, "labels": 163835,
         "with_memory": 26.1, "with_memory_interval": {"low": 25.2, "high": 27.1},
         "without_memory": 31.0, "without_memory_interval": {"low": 29.9, "high": 32.2},
         "native_window": 25.9, "native_window_interval": {"low": 25.0, "high": 26.8},
         "gain": 0.158065, "gain_interval": {"low": 0.1402, "high": 0.1755}}],
       "curve": [
        {"memories": 0, "sequences": 19, "labels": 2413, "perplexity": 31.1,
         "interval": {"low": 29.0, "high": 33.4},
         "saved_nats": 0.0, "saved_interval": {"low": 0.0, "high": 0.0}},
        {"memories": 1, "sequences": 19, "labels": 2413, "perplexity": 28.6,
         "interval": {"low": 26.9, "high": 30.4},
         "saved_nats": 0.0838, "saved_interval": {"low": 0.0712, "high": 0.0964}},
        {"memories": 4, "sequences": 19, "labels": 2413, "perplexity": 27.0,
         "interval": {"low": 25.4, "high": 28.6},
         "saved_nats": 0.1414, "saved_interval": {"low": 0.1275, "high": 0.1553}},
        {"memories": 15, "sequences": 19, "labels": 2413, "perplexity": 26.2,
         "interval": {"low": 24.8, "high": 27.7},
         "saved_nats": 0.1714, "saved_interval": {"low": 0.15, "high": 0.1928}}],
       "data": "held-out", "data_fingerprint": "77aa", "model_fingerprint": "9f8e",
       "adapter": "runs/train", "window_tokens": 512}
      """;

  private static final String AUTO_ENCODING =
      """
      {"with_memory": {"name": "with memory", "tokens": 3072, "accuracy": 0.9125,
        "accuracy_interval": {"low": 0.9, "high": 0.925}, "cases": 24},
       "without_memory": {"name": "no memory", "tokens": 3072, "accuracy": 0.3375,
        "accuracy_interval": {"low": 0.32, "high": 0.355}, "cases": 24},
       "ratio": 8, "data": "held-out"}
      """;

  private static final String AUDIT =
      """
      {"rows": [
        {"estimator": "tbptt", "window": 1, "ratio_mean": 0.41, "ratio_variance": 0.0,
         "relative_bias": 0.62, "relative_bias_interval": {"low": 0.60, "high": 0.64}},
        {"estimator": "unbiased", "window": 1, "ratio_mean": 1.004, "ratio_variance": 0.31,
         "relative_bias": 0.011, "relative_bias_interval": {"low": 0.0, "high": 0.022}}],
       "repeats": 400}
      """;

  private static final String EVALUATION =
      """
      {"settings": {"model": "m", "sequences": 24}, "versions": {"spark": "4.1.1"}}
      """;

  private static String recall() {
    StringBuilder rows = new StringBuilder();
    for (int length : new int[] {512, 1024, 2048, 4096, 8192}) {
      for (int depth = 0; depth <= 4; depth++) {
        rows.append(
            String.format(
                Locale.ROOT,
                "%s{\"task\": \"passkey\", \"context_tokens\": %d, \"depth\": %.2f, \"cases\": 20,"
                    + " \"memory\": %.2f, \"memory_interval\": {\"low\": 0.1, \"high\": 0.9},"
                    + " \"base\": %.2f,"
                    + " \"base_interval\": {\"low\": 0.0, \"high\": 0.2}}",
                rows.isEmpty() ? "" : ",",
                length,
                depth / 4.0,
                Math.max(0, 1 - length / 9000.0 * (1.2 - depth / 5.0)),
                depth == 4 ? 0.95 : 0.05));
      }
    }
    return "{\"rows\": [" + rows + "]}";
  }
}
