package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.settings.AdapterSettings;
import org.uiospark.jobs.settings.ArithmeticSettings;
import org.uiospark.jobs.settings.DataMixture;
import org.uiospark.jobs.settings.DistillationSettings;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.HeldOutSettings;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.jobs.settings.RetentionSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrackingSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.SegmentSettings;

/** Several objectives in one run. */
@Tag("cluster")
class MixtureTest {
  private static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";
  private static final String BOOK =
      "src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt";

  @TempDir static Path folder;
  private static SparkSession spark;

  @BeforeAll
  static void prepare() throws IOException {
    spark = LocalSpark.start(2);
    String book = Files.readString(Path.of(BOOK));
    Files.writeString(folder.resolve("book.txt"), book.substring(2_000, 6_000));
    JsonMapper json = JsonMapper.builder().build();
    List<String> records = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String prompt = book.substring(3_000 * (i + 1), 3_000 * (i + 1) + 400);
      records.add(
          json.writeValueAsString(
              json.createObjectNode().put("prompt", prompt).put("response", "Miss Woodhouse.")));
    }
    Files.write(folder.resolve("chat.jsonl"), records);
    prepare("lm", "book.txt", Objective.LM);
    prepare("ae", "book.txt", Objective.AE);
    prepare("sft", "chat.jsonl", Objective.SFT);
  }

  private static void prepare(String name, String input, Objective objective) {
    PrepSettings settings =
        new PrepSettings(
            List.of(folder.resolve(input).toString()),
            uri(name),
            MODEL + "/tokenizer.json",
            objective,
            new Cutting(32, 4, 2, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            2_000_000,
            0);
    new PrepJob(spark, settings).run();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static String uri(String name) {
    return folder.resolve(name).toString();
  }

  private static TrainSettings settings(
      String data, String output, int steps, DistillationSettings distillation, boolean resume) {
    return new TrainSettings(
        new AdapterSettings(MODEL, new SegmentSettings(32, 8), 4, 8),
        DataMixture.of(data),
        uri(output),
        new TrainSettings.Steps(steps, 2, 1, 0, 0, 4),
        new TrainSettings.Gradient(
            new EstimatorSettings("exact", 2, 1),
            distillation,
            1 << 20,
            ArithmeticSettings.of(Settings.defaults())),
        new OptimizerSettings(1e-2, 2, 0, 0.9, 0.95, 1),
        new TrainSettings.Checkpoints(
            3, RetentionSettings.ALL, HeldOutSettings.NONE, Duration.ofMinutes(1), resume),
        TrackingSettings.NONE);
  }

  private static LoadedAdapter train(TrainSettings settings) {
    new Trainer(spark, settings).run();
    return AdapterFiles.load(checkpoint(settings.output(), settings.steps().count()));
  }

  private static Path checkpoint(String output, int step) {
    return Path.of(output, "checkpoints", "step-" + step);
  }

  private static String sum(String output, int step) throws Exception {
    byte[] tensors =
        Files.readAllBytes(checkpoint(uri(output), step).resolve("adapter.safetensors"));
    return Sha256.hex(tensors);
  }

  @Test
  void aMixedRunHasTheSameBitsWhenItIsResumed() throws Exception {
    String data =
        String.format(Locale.ROOT, "%s:0.4,%s:0.3,%s:0.3", uri("lm"), uri("ae"), uri("sft"));
    DistillationSettings distillation = new DistillationSettings(0.5, 2, 96);
    LoadedAdapter adapter = train(settings(data, "mixed", 4, distillation, false));
    assertThat(adapter.config().repeatEmbedding()).isTrue();
    assertThat(adapter.adapter().shape().slots())
        .extracting(AdapterShape.Slot::name)
        .contains(AdapterShape.REPEAT_EMBEDDING);
    List<JsonNode> losses = losses("mixed");
    assertThat(losses.stream().flatMap(line -> names(line).stream()).distinct())
        .containsExactlyInAnyOrder("lm", "ae", "sft");

    String whole = sum("mixed", 4);
    // As if it had been killed while it wrote its last checkpoint.
    Files.delete(checkpoint(uri("mixed"), 4).resolve("MANIFEST.json"));
    Files.write(checkpoint(uri("mixed"), 4).resolve("adapter.safetensors"), new byte[9]);
    train(settings(data, "mixed", 4, distillation, true));
    assertThat(sum("mixed", 4)).isEqualTo(whole);
    assertThat(losses("mixed")).isEqualTo(losses);

    String others =
        String.format(Locale.ROOT, "%s:0.5,%s:0.2,%s:0.3", uri("lm"), uri("ae"), uri("sft"));
    assertThatThrownBy(() -> train(settings(others, "mixed", 5, distillation, true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be resumed: data");
    assertThatThrownBy(
            () -> train(settings(data, "mixed", 5, new DistillationSettings(0.4, 2, 96), true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("distill-weight 0.5, now 0.4");
  }

  /** What each line of the metrics says of the losses. */
  private static List<JsonNode> losses(String output) throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    List<JsonNode> losses = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(uri(output), "metrics.jsonl"))) {
      losses.add(json.readTree(line).get("losses"));
    }
    return losses;
  }

  private static List<String> names(JsonNode losses) {
    List<String> names = new ArrayList<>();
    losses.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static double ae(List<JsonNode> losses) {
    return losses.stream()
        .mapToDouble(line -> line.get("ae").doubleValue())
        .average()
        .orElseThrow();
  }

  @Test
  void autoEncodingIsLearned() throws Exception {
    LoadedAdapter adapter =
        train(settings(uri("ae"), "ae-run", 16, DistillationSettings.NONE, false));
    assertThat(adapter.config().repeatEmbedding()).isTrue();
    List<JsonNode> losses = losses("ae-run");
    double first = ae(losses.subList(0, 3));
    double last = ae(losses.subList(13, 16));
    System.out.printf(Locale.ROOT, "auto-encoding loss %.3f, after 16 steps %.3f%n", first, last);
    assertThat(last).isLessThan(0.9 * first);
  }

  @Test
  void aTeacherThatCannotTeachIsRefusedBeforeTheFirstStep() {
    DistillationSettings narrow = new DistillationSettings(0.5, 1, 16);
    assertThatThrownBy(() -> train(settings(uri("lm"), "out", 1, narrow, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train.distill-window = 16 is below the segment length 32");
    DistillationSettings wide = new DistillationSettings(0.5, 1, 513);
    assertThatThrownBy(() -> train(settings(uri("lm"), "out", 1, wide, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train.distill-window = 513 is beyond the 512 positions");
    DistillationSettings whole = new DistillationSettings(0.5, 1, 0);
    assertThatThrownBy(() -> train(settings(uri("ae"), "out", 1, whole, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train.distill-weight = 0.5");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
