package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.PrepJob;
import org.uiospark.data.PrepSettings;
import org.uiospark.jobs.settings.DataMixture;
import org.uiospark.jobs.settings.DistillationSettings;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.memory.SegmentSettings;

@Tag("cluster")
class TrainerTest {
  private static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";
  private static final String BOOK =
      "src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt";
  private static final int STEPS = 6;

  @TempDir Path folder;

  private TrainSettings settings(String output, int rank, boolean resume) {
    return settings(MODEL, 32, output, rank, resume);
  }

  private TrainSettings settings(
      String model, int segmentLength, String output, int rank, boolean resume) {
    return new TrainSettings(
        model,
        DataMixture.of(data()),
        folder.resolve(output).toString(),
        STEPS,
        3,
        11,
        new SegmentSettings(segmentLength, 8),
        rank,
        8,
        new EstimatorSettings("unbiased", 2, 1),
        DistillationSettings.NONE,
        new OptimizerSettings(1e-2, 2, 0.01, 0.9, 0.95, 1),
        1 << 20,
        3,
        resume);
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void prepare() throws IOException {
    String text = Files.readString(Path.of(BOOK));
    for (int i = 0; i < 4; i++) {
      String part = text.substring(2000 * (i + 1), 2000 * (i + 1) + 500 + 150 * i);
      Files.writeString(Files.createDirectories(folder.resolve("texts")).resolve(i + ".txt"), part);
    }
    PrepSettings settings =
        new PrepSettings(
            List.of(folder.resolve("texts").toString()),
            data(),
            MODEL + "/tokenizer.json",
            32,
            6,
            2,
            0,
            2_000_000,
            0.01);
    inSpark("local[2]", spark -> new PrepJob(spark, settings).run());
  }

  private static void train(String master, TrainSettings settings) {
    inSpark(master, spark -> new Trainer(spark, settings).run());
  }

  private static void inSpark(String master, Consumer<SparkSession> work) {
    SparkSession spark =
        SparkSession.builder()
            .master(master)
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate();
    try {
      work.accept(spark);
    } finally {
      spark.stop();
    }
  }

  private String sum(String output) throws Exception {
    Path adapter = folder.resolve(output).resolve("checkpoints/step-6/adapter.safetensors");
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(adapter)));
  }

  @Test
  void theAdapterHasTheSameBitsHoweverTheRunWent() throws Exception {
    prepare();
    train("local[1]", settings("one", 4, false));
    train("local[1]", settings("again", 4, false));
    train("local[2]", settings("two", 4, false));
    // As if it had been killed while it wrote its last checkpoint.
    train("local[2]", settings("stopped", 4, false));
    Path newest = folder.resolve("stopped/checkpoints/step-6");
    Files.delete(newest.resolve("MANIFEST.json"));
    Files.write(newest.resolve("adapter.safetensors"), new byte[100]);
    train("local[1]", settings("stopped", 4, true));

    assertThat(sum("again")).isEqualTo(sum("one"));
    assertThat(sum("two")).isEqualTo(sum("one"));
    assertThat(sum("stopped")).isEqualTo(sum("one"));
    assertThat(folder.resolve("one/metrics.jsonl")).content().hasLineCount(STEPS);
    assertThat(folder.resolve("stopped/metrics.jsonl")).content().hasLineCount(STEPS);

    assertThatThrownBy(() -> train("local[1]", settings("one", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("already has checkpoints, the newest step-6; add --resume");
    assertThatThrownBy(() -> train("local[1]", settings("one", 8, true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be resumed: rank 4, now 8");
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeTheFirstStep() throws Exception {
    prepare();
    String small = "../model/src/test/resources/fixtures/mha";

    assertThatThrownBy(() -> train("local[1]", settings(MODEL, 64, "out", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("was cut with --segment-length 32, training has 64");
    assertThatThrownBy(() -> train("local[1]", settings(small, 32, "out", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a tokenizer of 2048 tokens")
        .hasMessageContaining("a vocabulary of 260");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
