package org.uiospark.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.evaluate.EvaluateSettings;
import org.uiospark.model.input.InvalidInputException;

class SettingsTest {
  private static final Map<String, Object> PATHS =
      Map.of("train.model", "m", "train.data", "d", "train.output", "o");

  @TempDir Path folder;

  @Test
  void optionWinsOverFileWhichWinsOverDefault() throws IOException {
    Path file = file("train { steps = 7, batch = 8 }");

    Settings settings = Settings.of(file, Map.of("train.steps", 9));

    assertThat(settings.integer("train.steps")).isEqualTo(9);
    assertThat(settings.integer("train.batch")).isEqualTo(8);
    assertThat(settings.integer("train.warmup")).isEqualTo(10);
  }

  @Test
  void defaultsMakeValidTrainSettings() {
    TrainSettings train = TrainSettings.of(Settings.of(null, PATHS), false);

    assertThat(train.adapter().segments().segmentLength()).isEqualTo(128);
    assertThat(train.adapter().segments().memoryTokens()).isEqualTo(16);
    assertThat(train.gradient().estimator()).isEqualTo(new EstimatorSettings("exact", 4, 4));
    assertThat(train.optimizer()).isEqualTo(new OptimizerSettings(2e-3, 10, 0, 0.9, 0.95, 1));
    assertThat(train.gradient().graphMemoryBytes()).isEqualTo(512L << 20);
  }

  @Test
  void retentionThatWouldDoNothingIsRefused() {
    Map<String, Object> every = new HashMap<>(PATHS);
    every.put("train.keep-every", 100);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> TrainSettings.of(Settings.of(null, every), false))
        .withMessageContaining("train.keep-every = 100 does nothing")
        .withMessageContaining("give --keep-last N as well");
    Map<String, Object> best = new HashMap<>(PATHS);
    best.put("train.keep-last", 2);
    best.put("train.keep-best", 1);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> TrainSettings.of(Settings.of(null, best), false))
        .withMessage("train.keep-best = 1 needs a held-out loss; give --held-out URI as well");
    best.put("train.held-out", "h");
    TrainSettings train = TrainSettings.of(Settings.of(null, best), false);
    assertThat(train.checkpoints().retention()).isEqualTo(new RetentionSettings(2, 0, 1));
    assertThat(train.checkpoints().heldOut()).isEqualTo(new HeldOutSettings("h", 16));
  }

  @Test
  void segmentLengthOfTheFileReachesPrepToo() throws IOException {
    Settings settings = Settings.of(file("adapter.segment-length = 64"), Map.of());

    assertThat(settings.integer("prep.segment-length")).isEqualTo(64);
  }

  @Test
  void unknownKeyIsRefusedWithItsLineAndTheNearest() throws IOException {
    Path file = file("train {\n  stepz = 3\n}");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(file, Map.of()))
        .withMessage(file + ": unknown key 'train.stepz' in line 2; the nearest is 'train.steps'");
  }

  @Test
  void sectionWhereAValueBelongsIsRefused() throws IOException {
    Path value = file("train = 3");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(value, Map.of()))
        .withMessageContaining("'train' in line 1 must be a section");
    Path section = file("train.steps { a = 3 }");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(section, Map.of()))
        .withMessageContaining("'train.steps' in line 1 must be a value");
  }

  @Test
  void missingAndMalformedFilesAreRefusedInOneLine() throws IOException {
    Path missing = folder.resolve("none.conf");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(missing, Map.of()))
        .withMessage(missing + ": there is no such configuration file");
    Path malformed = file("train { steps = ");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(malformed, Map.of()))
        .withMessageContaining(malformed.getFileName().toString())
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    Path unresolved = file("train.steps = ${nothing}");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(unresolved, Map.of()))
        .withMessageContaining("nothing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train.steps|0|train.steps = 0 is out of range: it must be a whole number from 1",
        "train.steps|1.5|train.steps = 1.5 is out of range: it must be a whole number",
        "train.steps|many|train.steps = many is out of range: it must be a whole number",
        "train.steps|3000000000|train.steps = 3000000000 is out of range",
        "train.lr|0|train.lr = 0 is out of range: it must be a number above 0",
        "train.lr|NaN|train.lr = NaN is out of range",
        "train.lr|fast|train.lr = fast is out of range: it must be a number",
        "train.beta1|1|train.beta1 = 1 is out of range: it must be a number from 0 to 0.999999",
        "train.clip|-1|train.clip = -1 is out of range: it must be a number from 0 up",
        "train.graph-memory|lots|train.graph-memory = lots is out of range: it must be a size",
        "train.graph-memory|-1|train.graph-memory = -1 is out of range: it must be a size",
        "train.estimator|exat|train.estimator = exat is not known: one of exact, tbptt,",
        "train.warmup|101%|train.warmup = 101% is out of range: it must be a whole number from 0 to 2147483647, or a share from 0% to 100%",
        "train.warmup|x%|train.warmup = x% is out of range: it must be a whole number from 0 to 2147483647, or a share",
        "train.warmup|-1|train.warmup = -1 is out of range: it must be a whole number from 0",
        "train.steps|1e30|train.steps = 1e30 is out of range: it must be a whole number",
        "train.seed|99999999999999999999|train.seed = 99999999999999999999 is out of range: it must be a whole number of 64 bits",
        "train.seed|-9223372036854775809|train.seed = -9223372036854775809 is out of range",
        "train.seed|1e999999999|train.seed = 1e999999999 is out of range",
        "train.graph-memory|1e30|train.graph-memory = 1e30 is out of range: it must be a size",
        "train.graph-memory|2.5|train.graph-memory = 2.5 is out of range: it must be a size",
        "train.graph-memory|1e10 GiB|train.graph-memory = 1e10 GiB is out of range",
        "train.lr|1e400|train.lr = 1e400 is out of range: it must be a number above 0",
        "train.seed|x|train.seed = x is out of range: it must be a whole number",
        "adapter.memory-tokens|24|segment-length 128 is not divisible by memory-tokens 24",
        "adapter.memory-tokens|0|train.memory-tokens = 0 is out of range: it must be a list of whole numbers from 1",
        "train.memory-tokens|4,8|train.memory-tokens = 4,8 is out of range: it must be a list of whole numbers",
      })
  void valueOutOfRangeIsNamedWithWhatIsAllowed(String key, String value, String message) {
    Map<String, Object> options = new HashMap<>(PATHS);
    options.put(key, value);

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> TrainSettings.of(Settings.of(null, options), false))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e30", "99999999999999999999", "-9223372036854775809", "0.5", "[1]"})
  void aNumberOfTheFileThatIsNotWholeIn64BitsIsRefused(String value) throws IOException {
    Settings settings = Settings.of(file("train.seed = " + value), Map.of());

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> settings.whole("train.seed"))
        .withMessage(
            "train.seed = %s is out of range: it must be a whole number of 64 bits", value);
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808",
    "9007199254740993, 9007199254740993",
    "1e3, 1000",
    "5.0, 5"
  })
  void wholeNumbersOfTheFileAreExact(String written, long value) throws IOException {
    assertThat(Settings.of(file("train.seed = " + written), Map.of()).whole("train.seed"))
        .isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include \"none.conf\"",
        "include \"none\"",
        "include file(\"none.conf\")",
        "include classpath(\"none.conf\")",
        "include url(\"file:none.conf\")",
        "include required(\"none.conf\")",
        "train { include \"none.conf\" }"
      })
  void anIncludeThatIsNotThereIsRefused(String include) throws IOException {
    Path file = file(include + "\ntrain.steps = 3");

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(file, Map.of()))
        .withMessageStartingWith(file + ": include of ")
        .withMessageContaining("none")
        .withMessageContaining("there is no such file")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void whatAFileIncludesCountsAndItsFaultsBearItsName() throws IOException {
    Path base = folder.resolve("base.conf");
    Path file = file("include \"base\"\ntrain.batch = 4");
    Files.writeString(base, "train { steps = 3, batch = 2 }");
    Settings settings = Settings.of(file, Map.of());
    assertThat(settings.integer("train.steps")).isEqualTo(3);
    assertThat(settings.integer("train.batch")).isEqualTo(4);

    Files.writeString(base, "\ntrain.stepz = 3");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(file, Map.of()))
        .withMessageStartingWith(base + ": unknown key 'train.stepz' in line 2");

    Files.writeString(base, "include \"other.conf\"");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(file, Map.of()))
        .withMessageStartingWith(file + ": include of other.conf: there is no such file");

    Files.writeString(base, "include \"base.conf\"");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.of(file, Map.of()))
        .withMessageContaining("cycle");
  }

  @Test
  void valueThatTheUserMustGiveIsAskedFor() {
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Settings.defaults().text("export.checkpoint"))
        .withMessage(
            "export needs --checkpoint; give the option, or export.checkpoint in the --conf file");
  }

  @Test
  void lengthsAreCheckedOneByOne() {
    Map<String, Object> options =
        Map.of(
            "evaluate.model", "m",
            "evaluate.adapter", "a",
            "evaluate.data", "d",
            "evaluate.lengths", List.of(256, 1));

    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> EvaluateSettings.of(Settings.of(null, options)))
        .withMessageContaining("evaluate.lengths = 1");
  }

  @Test
  void oneAdapterMayHaveSeveralNumbersOfMemoryTokensEachOnce() throws IOException {
    AdapterSettings train = memoryTokens("adapter.memory-tokens = [32, 4, 8]", "train");
    assertThat(train.ratios().memoryTokens()).containsExactly(4, 8, 32);
    assertThat(train.segments().memoryTokens()).isEqualTo(32);
    assertThat(memoryTokens("train.memory-tokens = 8", "train").ratios().memoryTokens())
        .containsExactly(8);
    assertThat(memoryTokens("adapter.memory-tokens = [4, 8]", "plan").segments().memoryTokens())
        .isEqualTo(8);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> memoryTokens("train.memory-tokens = [8, 4, 8]", "train"))
        .withMessage(
            "memory-tokens '4,8,8' is out of range: one or more divisors of segment-length 128, each once");
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> memoryTokens("train.memory-tokens = []", "train"))
        .withMessageContaining("train needs --memory-tokens");
    Settings bench = Settings.of(file("bench.memory-tokens = [4, 8]"), Map.of());
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> bench.check("bench.memory-tokens"))
        .withMessageContaining("it must be a whole number from 1");
  }

  private AdapterSettings memoryTokens(String written, String section) throws IOException {
    Map<String, Object> model = Map.of("train.model", "m");
    return AdapterSettings.of(Settings.of(file(written), model), section);
  }

  @Test
  void warmUpIsACountOrAShareOfTheSteps() {
    Settings count = Settings.of(null, Map.of("train.warmup", 7));
    Settings share = Settings.of(null, Map.of("train.warmup", "1%"));

    assertThat(count.countOrShare("train.warmup", 500)).isEqualTo(7);
    assertThat(share.countOrShare("train.warmup", 500)).isEqualTo(5);
    assertThat(share.countOrShare("train.warmup", 150)).isEqualTo(2);
  }

  @Test
  void theConfigurationOfThePaperHasItsSettings() {
    Settings settings = Settings.of(Path.of("../conf/llama2-7b.conf"), withSteps(2000));
    TrainSettings train = TrainSettings.of(settings, false);

    assertThat(train.adapter().segments().segmentLength()).isEqualTo(1024);
    assertThat(train.adapter().segments().memoryTokens()).isEqualTo(128);
    assertThat(train.adapter().rank()).isEqualTo(128);
    assertThat(train.adapter().alpha()).isEqualTo(512);
    assertThat(train.gradient().estimator()).isEqualTo(new EstimatorSettings("unbiased", 2, 4));
    assertThat(train.optimizer()).isEqualTo(new OptimizerSettings(1e-4, 20, 0, 0.9, 0.95, 1));
    assertThat(settings.integer("prep.segment-length")).isEqualTo(1024);
  }

  private static Map<String, Object> withSteps(int steps) {
    Map<String, Object> options = new HashMap<>(PATHS);
    options.put("train.steps", steps);
    return options;
  }

  @Test
  void sizesCarryUnits() {
    Settings settings = Settings.of(null, Map.of("train.graph-memory", "2GiB"));

    assertThat(settings.bytes("train.graph-memory")).isEqualTo(2L << 30);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "run", ".conf"), text);
  }
}
