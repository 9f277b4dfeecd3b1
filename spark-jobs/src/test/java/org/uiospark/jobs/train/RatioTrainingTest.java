package org.uiospark.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.dataset.TokenDataSet;
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
import org.uiospark.jobs.train.step.LaneSettings;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.TokenSequence;

/** One adapter whose sequences have several ratios. */
@Tag("cluster")
class RatioTrainingTest {
  private static final String MODEL = "src/main/resources/org/uiospark/jobs/quickstart/model";
  private static final int LENGTH = 32;
  private static final SegmentRatios TWO = new SegmentRatios(LENGTH, List.of(4, 16));
  private static final int STEPS = 4;

  @TempDir static Path folder;

  /** Of 3 to 6 segments, the last one shorter. */
  @BeforeAll
  static void prepare() {
    SplittableRandom random = new SplittableRandom(2);
    List<TokenSequence> sequences = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int[] tokens = random.ints((3 + i) * LENGTH - 5, 0, 2048).toArray();
      sequences.add(TokenSequence.of("random-" + i, 0, tokens));
    }
    write("data", sequences);
    write("single", sequences.subList(1, 2));
  }

  private static void write(String name, List<TokenSequence> sequences) {
    TokenDataSet.write(uri(name), sequences, LENGTH, 2048, "none", new Configuration());
  }

  private static String uri(String name) {
    return folder.resolve(name).toString();
  }

  private static TrainSettings settings(
      String data, SegmentRatios ratios, TrainSettings.Steps steps, String output, boolean resume) {
    HeldOutSettings heldOut = new HeldOutSettings(uri("single"), 1);
    return new TrainSettings(
        new AdapterSettings(MODEL, ratios, 4, 8),
        DataMixture.of(uri(data)),
        uri(output),
        steps,
        new TrainSettings.Gradient(
            new EstimatorSettings("unbiased", 2, 1),
            new DistillationSettings(0.5, 1, 96),
            1 << 20,
            ArithmeticSettings.of(Settings.defaults())),
        new OptimizerSettings(1e-2, 2, 0, 0.9, 0.95, 1),
        new TrainSettings.Checkpoints(
            2, RetentionSettings.ALL, heldOut, Duration.ofMinutes(1), resume),
        TrackingSettings.NONE);
  }

  private static TrainSettings.Steps steps(int laneSequences, int chunkSegments) {
    return new TrainSettings.Steps(STEPS, 4, laneSequences, chunkSegments, 0, 5);
  }

  private static void train(int tasks, TrainSettings settings) throws IOException {
    try (SparkSession spark = LocalSpark.start(tasks)) {
      new Trainer(spark, settings).run();
    }
  }

  private static Path checkpoint(String output, int step) {
    return folder.resolve(output).resolve("checkpoints/step-" + step);
  }

  private static String sum(String output, int step) throws Exception {
    Path adapter = checkpoint(output, step).resolve("adapter.safetensors");
    return Sha256.hex(Files.readAllBytes(adapter));
  }

  private static double[] figures(String output, String name) throws Exception {
    return Files.readAllLines(folder.resolve(output).resolve("metrics.jsonl")).stream()
        .map(line -> InputJson.object(line, line.getBytes(StandardCharsets.UTF_8)))
        .filter(line -> line.has(name))
        .mapToDouble(line -> line.get(name).asDouble())
        .toArray();
  }

  /** Whole sequences, two a task, and chunks of two segments: a task may meet several ratios. */
  @ParameterizedTest
  @ValueSource(strings = {"whole 1 0", "pairs 2 0", "chunks 1 2"})
  void theAdapterHasTheSameBitsHoweverTheRunWent(String cut) throws Exception {
    String[] words = cut.split(" ");
    TrainSettings.Steps steps = steps(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
    String one = words[0] + "-one";
    String two = words[0] + "-two";
    train(1, settings("data", TWO, steps, one, false));
    String bits = sum(one, STEPS);
    train(2, settings("data", TWO, steps, two, false));
    assertThat(sum(two, STEPS)).isEqualTo(bits);
    assertThat(heldOutLoss(two)).hasSize(2).isEqualTo(heldOutLoss(one));

    // As if it had been killed while it wrote its last checkpoint.
    Files.delete(checkpoint(one, STEPS).resolve("MANIFEST.json"));
    Files.write(checkpoint(one, STEPS).resolve("adapter.safetensors"), new byte[9]);
    train(2, settings("data", TWO, steps, one, true));
    assertThat(sum(one, STEPS)).isEqualTo(bits);
    assertThat(figures(one, "loss")).isEqualTo(figures(two, "loss"));
  }

  @Test
  void chunksAndWholeSequencesDifferInLastDigitsAlone() throws Exception {
    train(2, settings("data", TWO, steps(1, 0), "in-one", false));
    train(2, settings("data", TWO, steps(1, 6), "in-one-chunk", false));
    train(2, settings("data", TWO, steps(1, 2), "in-chunks", false));

    assertThat(sum("in-one-chunk", STEPS)).isEqualTo(sum("in-one", STEPS));
    double[] losses = figures("in-one", "loss");
    assertThat(figures("in-chunks", "loss")).containsExactly(losses, within(1e-3));
    assertThat(figures("in-chunks", "loss")[0]).isCloseTo(losses[0], within(1e-6));
  }

  private static double[] heldOutLoss(String output) throws Exception {
    return figures(output, "held_out_loss");
  }

  /** So many seeds that both are drawn. */
  @Test
  void aStepOfOneSequenceIsThatOfARunOfTheRatioThatIsDrawnForIt() throws Exception {
    List<Integer> drawn = new ArrayList<>();
    for (int seed = 0; seed < 64 && drawn.size() < 2; seed++) {
      TrainSettings.Steps first = new TrainSettings.Steps(1, 1, 1, 0, 0, seed);
      int m =
          new LaneSettings(null, TWO, 0, null, null, 1, 0, seed, 0, null)
              .segments(0, 0)
              .memoryTokens();
      if (drawn.contains(m)) {
        continue;
      }
      drawn.add(m);
      String several = "several-" + seed;
      train(1, settings("single", TWO, first, several, false));
      for (int each : TWO.memoryTokens()) {
        String alone = several + "-alone-" + each;
        SegmentRatios one = new SegmentRatios(LENGTH, List.of(each));
        train(1, settings("single", one, first, alone, false));
        assertThat(sum(several, 1).equals(sum(alone, 1))).isEqualTo(each == m);
        // Held-out text is read with the most memory tokens, whatever was drawn.
        assertThat(Arrays.equals(heldOutLoss(several), heldOutLoss(alone)))
            .isEqualTo(each == m && each == 16);
      }
    }
    assertThat(drawn).hasSize(2);
  }

  @Test
  void checkpointsTellTheListAndARunGoesOnWithItAlone() throws Exception {
    train(1, settings("data", TWO, steps(1, 0), "list", false));

    AdapterConfig config = AdapterFiles.load(checkpoint("list", STEPS)).config();
    assertThat(config.ratios()).isEqualTo(TWO);
    assertThat(checkpoint("list", STEPS).resolve("trainer_state.json"))
        .content()
        .containsPattern("\"memory_tokens\" *: *\"4,16\"");
    for (List<Integer> other : List.of(List.of(16), List.of(4, 8, 16))) {
      SegmentRatios changed = new SegmentRatios(LENGTH, other);
      assertThatThrownBy(() -> train(1, settings("data", changed, steps(1, 0), "list", true)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("cannot be resumed: memory-tokens 4,16, now " + changed.text());
    }
    SegmentRatios one = new SegmentRatios(LENGTH, List.of(16));
    train(1, settings("data", one, steps(1, 0), "number", false));
    assertThat(checkpoint("number", STEPS).resolve("trainer_state.json"))
        .content()
        .containsPattern("\"memory_tokens\" *: *16,");
  }
}
