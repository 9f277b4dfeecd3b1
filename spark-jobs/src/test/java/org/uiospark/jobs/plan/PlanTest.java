package org.uiospark.jobs.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;

class PlanTest {
  private static final Path PAPER = Path.of("../conf/llama2-7b.conf");

  @TempDir Path llama;

  /** Of Llama 2 7B there is nothing but the configuration. */
  @BeforeEach
  void configurationAlone() throws IOException {
    Files.writeString(
        llama.resolve("config.json"),
        """
        {"architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 11008,
         "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
         "vocab_size": 32000, "rms_norm_eps": 1e-05, "max_position_embeddings": 4096,
         "bos_token_id": 1, "eos_token_id": 2}
        """);
  }

  @Test
  void thePapersSettingsGiveTheSizesOfThePaper() {
    Plan plan = plan(Map.of());

    assertThat(plan.model().parameters()).isEqualTo(6_738_415_616L);
    // 4096 + 32 layers * rank 128 * (4 A of 4096, 4 B of 4096): "about 2%"
    assertThat(plan.adapter().size()).isEqualTo(4096 + 32 * 128 * 8 * 4096);
    assertThat(plan.work().memory().base()).isEqualTo(2 * 6_738_415_616L);
    assertThat(plan.settings().contextSegments()).isEqualTo(16);
    assertThat(plan.text())
        .contains("6,738,415,616 parameters", "134,221,824 parameters (1.99% of the base)")
        .contains("4 sequences a step, each of 16,384 tokens in 16 segments of 1,024")
        .contains("unbiased");
  }

  @Test
  void aLongTextSaysHowFarThePositionsOfTheModelGo() {
    // 3,072 / 128 + 1 segments of 1,024 fit, each behind the memories before it; behind theirs, 25
    // times 128, there is room for 896 tokens.
    assertThat(plan(Map.of()).text())
        .contains("2,944 positions a sequence, within the 4,096 that the base was trained for")
        .contains("longest text within them: 26,496 tokens");
    assertThat(plan(Map.of("plan.tokens", 1_000_000)).text())
        .contains("1,000,448 tokens in 977 segments")
        .contains("125,952 positions a sequence, BEYOND the 4,096");
  }

  /** Pairs of a token and a memory: 3e12 of five million tokens, 2e14 of sixty. */
  @ParameterizedTest
  @ValueSource(strings = {"exact", "tbptt", "unbiased", "sampled"})
  void operationsAreCountedOrRefusedHoweverLongTheText(String estimator) {
    Map<String, Object> options = new HashMap<>(Map.of("plan.estimator", estimator));
    options.put("plan.tokens", 5_000_000);
    assertThat(plan(options).work().flops()).isBetween(2e18, 4e18);
    options.put("plan.tokens", 60_000_000);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> plan(options))
        .withMessageContaining("60000256 tokens takes more operations than can be counted");
  }

  @Test
  void timeIsOperationsOverTheRateAndBytesOverTheLink() {
    Plan plan = plan(Map.of("plan.tflops", 100, "plan.efficiency", 0.5, "plan.network", 8));

    double sequence = plan.work().totalFlops() / 50e12;
    assertThat(plan.seconds(1).compute()).isCloseTo(4 * sequence, within(1e-9));
    assertThat(plan.seconds(3).compute()).isCloseTo(2 * sequence, within(1e-9));
    assertThat(plan.seconds(8).compute()).isCloseTo(sequence, within(1e-9));
    // A gigabyte a second.
    double vector = 4 * 134_221_824.0 / 1e9;
    for (int executors : new int[] {1, 4, 512}) {
      assertThat(plan.seconds(executors).send()).isCloseTo(vector, within(1e-9));
      assertThat(plan.seconds(executors).receive()).isCloseTo(vector, within(1e-9));
    }
    assertThat(plan.seconds(1).exchange()).isZero();
    // Of its own lane an executor keeps the quarter that it adds itself.
    assertThat(plan.seconds(4).exchange()).isCloseTo(0.75 * vector, within(1e-9));
    // Two lanes on each of two, half of each goes to the other.
    assertThat(plan.seconds(2).exchange()).isCloseTo(vector, within(1e-9));
  }

  @Test
  void whatTheDriverSendsAndReceivesDoesNotDependOnTheNumberOfSequences() {
    Plan few = plan(Map.of());
    Plan many = plan(Map.of("plan.batch", 4096));

    assertThat(many.seconds(64).send()).isEqualTo(few.seconds(64).send());
    assertThat(many.seconds(64).receive()).isEqualTo(few.seconds(64).receive());
    assertThat(many.heap()).isEqualTo(few.heap());
  }

  @Test
  void whereTheLanesAreSmallTheDriverTakesThemAll() {
    Map<String, Object> small =
        Map.of("adapter.rank", 1, "plan.batch", 8, "plan.network", 8, "plan.collect-size", "1 GiB");
    Plan plan = plan(small);
    double vector = 4 * (4096 + 32 * 8 * 4096);

    assertThat(plan.seconds(8).send()).isCloseTo(vector / 1e9, within(1e-9));
    assertThat(plan.seconds(8).receive()).isCloseTo(8 * vector / 1e9, within(1e-9));
    assertThat(plan.seconds(8).exchange()).isZero();
    assertThat(plan.receivedBytes()).isEqualTo((long) (8 * vector));
    assertThat(plan.heap().taken()).isEqualTo((long) (8 * vector));

    Map<String, Object> shuffled = new HashMap<>(small);
    shuffled.put("plan.collect-size", 0);
    assertThat(plan(shuffled).receivedBytes()).isEqualTo((long) vector);
    assertThat(plan(shuffled).seconds(8).receive()).isCloseTo(vector / 1e9, within(1e-9));
    assertThat(plan(shuffled).heap().taken()).isZero();
  }

  @Test
  void sequencesOfALaneAreComputedByOneExecutor() {
    Plan plan = plan(Map.of("plan.batch", 10, "plan.lane-sequences", 4));

    assertThat(plan.lanes()).isEqualTo(3);
    assertThat(plan.seconds(64).compute()).isCloseTo(4 * plan.sequenceSeconds(), within(1e-9));
  }

  /** 64 segments in chunks of 16 on average: four, the first of them the longest. */
  private static final Map<String, Object> CHUNKS =
      Map.of(
          "plan.tokens", 65_536,
          "plan.memory-tokens", 32,
          "plan.chunk-segments", 16,
          "plan.estimator", "exact");

  @Test
  void chunksOfASequenceRunAtOnce() {
    Map<String, Object> uncut = new HashMap<>(CHUNKS);
    uncut.remove("plan.chunk-segments");
    Plan whole = plan(uncut);
    Plan chunks = plan(CHUNKS);

    assertThat(chunks.lanes()).isEqualTo(4 * 4);
    assertThat(chunks.text())
        .contains(
            "4 chunks a sequence, of 16 segments on average: 16 tasks a stage, of which 8 run")
        .contains("decode takes", "back takes", "encode    decode");
    // All chunks encode again, and a step of one executor computes nothing besides.
    assertThat(chunks.work().flops()).isEqualTo(whole.work().flops());
    assertThat(chunks.computeSeconds(1))
        .isCloseTo(4 * chunks.sequenceSeconds(), within(1e-6 * chunks.computeSeconds(1)));
    assertThat(chunks.computeSeconds(16))
        .isBetween(chunks.computeSeconds(1) / 16, chunks.computeSeconds(1) / 8);
    assertThat(chunks.computeSeconds(512)).isEqualTo(chunks.computeSeconds(16));
    assertThat(chunks.executorsFor(chunks.stepSeconds(16))).isPresent();
    assertThat(whole.text()).doesNotContain("chunks");
  }

  @Test
  void aSequenceOfOneChunkIsWhole() {
    Map<String, Object> one = new HashMap<>(CHUNKS);
    one.put("plan.chunk-segments", 64);
    Plan plan = plan(one);

    assertThat(plan.chunks()).isEmpty();
    assertThat(plan.lanes()).isEqualTo(4);
  }

  /** The wait for what others left grows with the bytes alone. */
  @Test
  void aStageOfChunksTakesItsLongestTaskAndWhatCrossesTheLinks() {
    Map<String, Object> fast = new HashMap<>(CHUNKS);
    fast.put("plan.batch", 1);
    fast.put("plan.network", 80);
    Map<String, Object> slow = new HashMap<>(fast);
    slow.put("plan.network", 8);
    Plan ten = plan(fast);
    Plan one = plan(slow);
    ChunkTraffic traffic = ten.chunks().orElseThrow().traffic();
    ChunkSeconds quick = ChunkSeconds.of(ten, ten.chunks().orElseThrow(), 4);
    ChunkSeconds late = ChunkSeconds.of(one, one.chunks().orElseThrow(), 4);

    // A gigabyte a second against ten: nine tenths of what the busiest link carries.
    double last = traffic.decodeLeaves(3) * 0.75;
    double largest = 0;
    for (int chunk = 0; chunk < 4; chunk++) {
      largest = Math.max(largest, traffic.backTakes(chunk) * 0.75);
    }
    assertThat(late.back() - quick.back())
        .isCloseTo(0.9 * Math.max(last, largest) / 1e9, within(1e-6));
    assertThat(late.encode()).isEqualTo(quick.encode());
    assertThat(late.decode()).isGreaterThan(quick.decode());
    assertThat(late.update()).isEqualTo(quick.update());
  }

  @ParameterizedTest
  @CsvSource({"exact, 1", "unbiased, 2", "tbptt, 2"})
  void aChunkThatCannotTravelIsRefusedWithTheLargestThatCan(String estimator, int sums) {
    Map<String, Object> options = new HashMap<>(CHUNKS);
    options.put("plan.tokens", 1_048_576);
    options.put("plan.memory-tokens", 128);
    options.put("plan.estimator", estimator);
    options.put("plan.chunk-segments", 512);

    // 2 GiB over 128 memory tokens of 32 layers with keys and values of 4096 floats
    long most = (1L << 31) / (128 * 2L * 32 * 4096 * 4 * sums);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> plan(options))
        .satisfies(
            e -> {
              assertThat(e.getMessage())
                  .startsWith("plan.chunk-segments = 512 is too large: ")
                  .doesNotContain("\n");
              int named =
                  Integer.parseInt(e.getMessage().replaceAll(".*give at most (\\d+)$", "$1"));
              assertThat((long) named).isBetween(1L, most);
              options.put("plan.chunk-segments", named);
              assertThat(plan(options).lanes()).isPositive();
              options.put("plan.chunk-segments", named + 1);
              assertThatExceptionOfType(InvalidInputException.class)
                  .isThrownBy(() -> plan(options));
            });
  }

  @Test
  void executorsAreTheFewestThatReachWhatIsWanted() {
    Plan plan = plan(Map.of("plan.batch", 16));

    double four = plan.seconds(4).total();
    assertThat(plan.executorsFor(four)).hasValue(4);
    assertThat(plan.executorsFor(plan.seconds(16).compute())).isEmpty();
    assertThat(plan(Map.of("plan.batch", 16, "plan.step-seconds", four)).text())
        .contains(" a step: 4 executors");
    assertThat(plan(Map.of("plan.tokens-per-day", 1e15)).text())
        .contains("for 1.00e+15 tokens a day: out of reach");
  }

  @Test
  void graphsThatAreNotKeptAreComputedAgain() {
    Plan none = plan(Map.of("plan.graph-memory", 0));
    Plan all = plan(Map.of("plan.graph-memory", "1 TiB"));

    assertThat(none.work().memory().graphs()).isZero();
    assertThat(none.work().flopsRecomputed()).isPositive();
    assertThat(all.work().flopsRecomputed()).isZero();
    assertThat(all.work().memory().total()).isGreaterThan(none.work().memory().total());
    assertThat(all.text()).contains("DOES NOT FIT 20.0 GiB");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plan.tokens|1024|plan.tokens = 1024 is out of range: with --segment-length 1024 from 1025",
        "plan.tokens|100000000|plan.tokens = 100000000 is out of range",
        "plan.chunk-segments|-1|plan.chunk-segments = -1 is out of range",
        "plan.efficiency|1.5|plan.efficiency = 1.5 is out of range",
        "plan.tflops|0|plan.tflops = 0 is out of range",
        "plan.precision|half|plan.precision = half is not known: one of bfloat16, float32",
        "plan.gpu-memory|0|plan.gpu-memory = 0 is out of range",
        "adapter.rank|600|an adapter of 32 layers and rank 600 has over 536608767 values",
        "adapter.rank|5000|rank 5000 is out of range: 1 to the hidden size 4096",
        "plan.model|nowhere|model directory nowhere does not exist",
      })
  void whatCannotBePlannedIsRefused(String key, String value, String message) {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> plan(Map.of(key, value)))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  private Plan plan(Map<String, Object> options) {
    Map<String, Object> all = new HashMap<>();
    all.put("plan.model", llama.toString());
    all.put("plan.gpu-memory", "20 GiB");
    all.putAll(options);
    return Plan.of(PlanSettings.of(Settings.of(PAPER, all)));
  }
}
