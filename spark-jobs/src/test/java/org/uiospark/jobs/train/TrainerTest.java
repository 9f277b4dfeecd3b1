package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.jobs.evaluate.EvaluateSettings;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.results.ResultFile;
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
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

@Tag("cluster")
class TrainerTest {
  private static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";
  private static final String BOOK =
      "src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt";
  private static final int STEPS = 6;
  private static final long SEED = 0;

  @TempDir Path folder;

  private TrainSettings settings(String output, int rank, boolean resume) {
    return settings(MODEL, 32, output, rank, resume);
  }

  private TrainSettings settings(
      String model, int segmentLength, String output, int rank, boolean resume) {
    return settings(
        model,
        segmentLength,
        output,
        rank,
        new TrainSettings.Checkpoints(
            3, RetentionSettings.ALL, HeldOutSettings.NONE, Duration.ofMinutes(1), resume));
  }

  private TrainSettings settings(
      String model,
      int segmentLength,
      String output,
      int rank,
      TrainSettings.Checkpoints checkpoints) {
    return new TrainSettings(
        new AdapterSettings(model, new SegmentSettings(segmentLength, 8), rank, 8),
        DataMixture.of(data()),
        folder.resolve(output).toString(),
        new TrainSettings.Steps(STEPS, 3, 1, 0, 0, SEED),
        new TrainSettings.Gradient(
            new EstimatorSettings("unbiased", 2, 1),
            DistillationSettings.NONE,
            1 << 20,
            ArithmeticSettings.of(Settings.defaults())),
        new OptimizerSettings(1e-2, 2, 0.01, 0.9, 0.95, 1),
        checkpoints,
        TrackingSettings.NONE);
  }

  private TrainSettings keepingTheBest(String output) {
    HeldOutSettings heldOut = new HeldOutSettings(heldOut(), wholeHeldOutSequences());
    return settings(
        MODEL,
        32,
        output,
        4,
        new TrainSettings.Checkpoints(
            1, new RetentionSettings(1, 0, 1), heldOut, Duration.ofMinutes(1), false));
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
    Files.writeString(
        Files.createDirectories(folder.resolve("held")).resolve("out.txt"),
        text.substring(20_000, 22_200));
    prepare("texts", data());
    prepare("held", heldOut());
  }

  private String heldOut() {
    return folder.resolve("held-out").toString();
  }

  private void prepare(String texts, String to) {
    PrepSettings settings =
        new PrepSettings(
            List.of(folder.resolve(texts).toString()),
            to,
            MODEL + "/tokenizer.json",
            Objective.LM,
            new Cutting(32, 6, 2, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            2_000_000,
            0.01);
    inSpark(2, spark -> new PrepJob(spark, settings).run());
  }

  private static void train(int tasks, TrainSettings settings) {
    inSpark(tasks, spark -> new Trainer(spark, settings).run());
  }

  private static void inSpark(int tasks, Consumer<SparkSession> work) {
    SparkSession spark = LocalSpark.start(tasks);
    try {
      work.accept(spark);
    } finally {
      spark.stop();
    }
  }

  private String sum(String output) throws Exception {
    Path adapter = folder.resolve(output).resolve("checkpoints/step-6/adapter.safetensors");
    return Sha256.hex(Files.readAllBytes(adapter));
  }

  @Test
  void theAdapterHasTheSameBitsHoweverTheRunWent() throws Exception {
    prepare();
    train(1, settings("one", 4, false));
    // Measuring held-out loss and deleting checkpoints changes nothing.
    train(1, keepingTheBest("again"));
    train(2, keepingTheBest("two"));
    // As if it had been killed while it wrote its last checkpoint.
    train(2, settings("stopped", 4, false));
    Path newest = folder.resolve("stopped/checkpoints/step-6");
    Files.delete(newest.resolve("MANIFEST.json"));
    Files.write(newest.resolve("adapter.safetensors"), new byte[100]);
    train(1, settings("stopped", 4, true));

    assertThat(sum("again")).isEqualTo(sum("one"));
    assertThat(sum("two")).isEqualTo(sum("one"));
    assertThat(sum("stopped")).isEqualTo(sum("one"));
    assertTheNewestAndTheBestStayed("two");
    assertThat(heldOutLosses("again")).containsExactly(heldOutLosses("two"));
    assertThat(heldOutLosses("one")).isEmpty();
    assertThat(folder.resolve("one/metrics.jsonl")).content().hasLineCount(STEPS);
    assertThat(folder.resolve("stopped/metrics.jsonl")).content().hasLineCount(STEPS);

    assertThatThrownBy(() -> train(1, settings("one", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("already has checkpoints, the newest step-6; add --resume");
    assertThatThrownBy(() -> train(1, settings("one", 8, true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be resumed: rank 4, now 8");
  }

  @Test
  void sequencesThatATaskAddsUpGiveTheSameBitsOnAnyCluster() throws Exception {
    prepare();
    train(1, withLaneSequences(2, "one", false));
    train(2, withLaneSequences(2, "two", false));
    train(2, withLaneSequences(3, "whole", false));

    assertThat(sum("two")).isEqualTo(sum("one"));
    // Another order of additions, so other last digits.
    assertThat(sum("whole")).isNotEqualTo(sum("one"));
    assertThatThrownBy(() -> train(1, withLaneSequences(3, "one", true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be resumed: lane-sequences 2, now 3");
  }

  private TrainSettings withLaneSequences(int laneSequences, String output, boolean resume) {
    return with(new TrainSettings.Steps(STEPS, 3, laneSequences, 0, 0, SEED), output, resume);
  }

  private TrainSettings with(TrainSettings.Steps steps, String output, boolean resume) {
    TrainSettings one = settings(output, 4, resume);
    return new TrainSettings(
        one.adapter(),
        one.data(),
        one.output(),
        steps,
        one.gradient(),
        one.optimizer(),
        one.checkpoints(),
        one.tracking());
  }

  /** The sequences have 4 to 6 segments, so some are cut in two and some in three. */
  @Test
  void sequencesInChunksGiveTheSameBitsOnAnyClusterAndNearlyThoseOfWholeOnes() throws Exception {
    prepare();
    train(2, settings("whole", 4, false));
    train(1, inChunks(2, 0, "one", false));
    train(2, inChunks(2, 0, "two", false));
    train(2, inChunks(2, 96 << 20, "collected", false));
    train(2, inChunks(3, 0, "longer", false));
    train(2, inChunks(6, 0, "single", false));

    assertThat(sum("two")).isEqualTo(sum("one"));
    assertThat(sum("collected")).isEqualTo(sum("one"));
    assertThat(sum("longer")).isNotEqualTo(sum("one"));
    assertThat(sum("single")).isEqualTo(sum("whole"));
    for (String output : List.of("one", "longer")) {
      assertThat(losses(output)).containsExactly(losses("whole"), within(1e-3));
      assertThat(losses(output)[0]).isCloseTo(losses("whole")[0], within(1e-6));
    }
    assertThatThrownBy(() -> train(1, inChunks(3, 0, "one", true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("cannot be resumed: chunk-segments 2, now 3");
    assertThatThrownBy(() -> new TrainSettings.Steps(STEPS, 3, 2, 2, 0, 11))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("train.lane-sequences = 2 and train.chunk-segments = 2 contradict");
  }

  private TrainSettings inChunks(int segments, long collect, String output, boolean resume) {
    return with(new TrainSettings.Steps(STEPS, 3, 1, segments, collect, SEED), output, resume);
  }

  private double[] losses(String output) throws IOException {
    return metrics(output).mapToDouble(step -> step.get("loss").asDouble()).toArray();
  }

  private Stream<JsonNode> metrics(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("metrics.jsonl")).stream()
        .map(line -> InputJson.object(line, line.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aResumeDoesNotStartOverWhereCheckpointsDoNotLoad() throws Exception {
    prepare();
    train(1, settings("damaged", 4, false));
    for (int step : new int[] {3, 6}) {
      Files.delete(folder.resolve("damaged/checkpoints/step-" + step + "/optimizer.safetensors"));
    }
    String metrics = Files.readString(folder.resolve("damaged/metrics.jsonl"));

    assertThatThrownBy(() -> train(1, settings("damaged", 4, true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none of them loads: step-6: optimizer.safetensors")
        .hasMessageContaining("step-3: optimizer.safetensors");
    assertThat(folder.resolve("damaged/metrics.jsonl")).hasContent(metrics);
    assertThat(folder.resolve("damaged/checkpoints/step-6/optimizer.safetensors")).doesNotExist();

    // Only torn ones: the run was killed while it wrote its first, and nothing is there yet.
    for (int step : new int[] {3, 6}) {
      Files.delete(folder.resolve("damaged/checkpoints/step-" + step + "/MANIFEST.json"));
    }
    train(1, settings("damaged", 4, true));
    assertThat(folder.resolve("damaged/checkpoints/step-6/MANIFEST.json")).exists();
    assertThat(folder.resolve("damaged/metrics.jsonl")).content().hasLineCount(STEPS);
  }

  @Test
  void theStepsAreKeptWhereTheHeldOutLossCannotBeMeasured() throws Exception {
    prepare();
    TrainSettings settings = keepingTheBest("unmeasured");
    try (var files = Files.newDirectoryStream(Path.of(heldOut()), "*.arrow")) {
      for (Path file : files) {
        Files.write(file, new byte[(int) Files.size(file)]);
      }
    }

    assertThatThrownBy(() -> train(1, settings)).hasStackTraceContaining("held-out");
    assertThat(folder.resolve("unmeasured/checkpoints/step-1/MANIFEST.json")).exists();
    assertThat(folder.resolve("unmeasured/metrics.jsonl")).content().hasLineCount(1);
  }

  /** Of a run with a checkpoint a step that keeps the newest and the best. */
  private void assertTheNewestAndTheBestStayed(String output) throws IOException {
    double[] losses = heldOutLosses(output);
    assertThat(losses).hasSize(STEPS);
    int best = 1;
    for (int step = 2; step <= STEPS; step++) {
      best = losses[step - 1] < losses[best - 1] ? step : best;
    }
    try (var left = Files.list(folder.resolve(output).resolve("checkpoints"))) {
      assertThat(left.map(path -> path.getFileName().toString()).distinct())
          .containsOnly("latest", "step-" + STEPS, "step-" + best);
    }
    assertThat(folder.resolve(output).resolve("train.lock")).doesNotExist();
    assertThat(losses[STEPS - 1]).isCloseTo(evaluated(output), within(1e-9));
  }

  /** All but the last, which is shorter than the others. */
  private int wholeHeldOutSequences() {
    return (int) SequenceDataSet.open(heldOut(), new Configuration()).size() - 1;
  }

  /** What {@code evaluate} says of the same text: it leaves out what is shorter than 192 tokens. */
  private double evaluated(String output) {
    EvaluateSettings settings =
        EvaluateSettings.of(
            Settings.of(
                null,
                Map.of(
                    "evaluate.model", MODEL,
                    "evaluate.adapter", folder.resolve(output).toString(),
                    "evaluate.data", heldOut(),
                    "evaluate.lengths", List.of(192),
                    "evaluate.output", evaluation(),
                    "evaluate.sequences", 99)));
    inSpark(1, spark -> new Evaluation(spark, settings).run());
    JsonNode row =
        InputJson.object(Path.of(evaluation(), ResultFile.PERPLEXITY)).get("rows").get(0);
    assertThat(row.get("sequences").asInt()).isEqualTo(wholeHeldOutSequences());
    return Math.log(row.get("with_memory").asDouble());
  }

  private String evaluation() {
    return folder.resolve("evaluation").toString();
  }

  private double[] heldOutLosses(String output) throws IOException {
    return metrics(output)
        .filter(step -> step.has("held_out_loss"))
        .mapToDouble(step -> step.get("held_out_loss").asDouble())
        .toArray();
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeTheFirstStep() throws Exception {
    prepare();
    String small = "../model/src/test/resources/fixtures/mha";

    assertThatThrownBy(() -> train(1, settings(MODEL, 64, "out", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("was cut with --segment-length 32, training has 64");
    assertThatThrownBy(() -> train(1, settings(small, 32, "out", 4, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a tokenizer of 2048 tokens")
        .hasMessageContaining("a vocabulary of 260");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aMachineTooSmallForOneSegmentIsToldBeforeTheFirstStep() throws IOException {
    int segment = 1 << 22;
    int[] tokens = {5, 6, 7};
    TokenDataSet.write(
        data(),
        List.of(TokenSequence.of("document", 0, tokens)),
        segment,
        2048,
        "none",
        new Configuration());
    // Decoding it keeps 2 D + 2 Q + 2 F float32 values a token and layer.
    double least = (double) segment * 2 * (392 + 512 + 704) * 4 * 4 / (1L << 30);

    try (SparkSession spark = LocalSpark.start(1)) {
      assertThatThrownBy(
              () -> new Trainer(spark, settings(MODEL, segment, "small", 4, false)).run())
          .isInstanceOf(InvalidInputException.class)
          .hasMessageMatching(
              "the memory of this machine, [0-9.]+ GiB, is too small: base model, adapter and one"
                  + " segment take [0-9.]+ GiB; lower --segment-length or --rank, or take a"
                  + " machine with more")
          .satisfies(
              e ->
                  assertThat(
                          Double.parseDouble(
                              e.getMessage().replaceAll(".*take ([0-9.]+) GiB.*", "$1")))
                      .isBetween(least, 2 * least));
    }
    assertThat(folder.resolve("small")).doesNotExist();
  }
}
