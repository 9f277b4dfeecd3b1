package org.uiospark.jobs;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.failure.Failures;
import org.uiospark.jobs.settings.Setting;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.StatedSettings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "prep",
        "recall",
        "train",
        "evaluate",
        "memorize",
        "generate",
        "answer",
        "export",
        "audit",
        "bench",
        "bench-prep",
        "plan",
        "cluster",
        "checkpoints",
        "report"
      })
  void everyCommandExplainsItself(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("uio " + command, "--conf");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void unknownOptionIsRefusedWithTheNearest() {
    assertThat(run("train", "--setps", "3")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "uio: unknown option '--setps'; the nearest is '--steps';"
                + " see ./submit.sh train --help\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void unknownCommandIsRefusedWithTheNearest() {
    assertThat(run("trian")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("uio: unknown command 'trian'; the nearest is 'train'")
        .hasLineCount(1);
  }

  @Test
  void unexpectedArgumentIsRefused() {
    assertThat(run("train", "--steps", "3", "more")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            "uio: unexpected argument 'more'; see ./submit.sh train --help\n");
  }

  @Test
  void noCommandIsRefused() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).startsWith("uio: ").hasLineCount(1);
  }

  @Test
  void malformedAndMissingValuesAreRefusedInOneLine() {
    assertThat(run("train", "--steps", "many")).isEqualTo(2);
    assertThat(run("train", "--steps")).isEqualTo(2);
    assertThat(err.toString())
        .contains(
            "train.steps = many is out of range: it must be a whole number from 1 to", "'--steps'")
        .hasLineCount(2);
  }

  @Test
  void unknownKeyInTheFileIsRefusedWithTheNearest() throws IOException {
    Path file = Files.writeString(folder.resolve("run.conf"), "adapter.rnak = 3");

    assertThat(run("export", "--conf", file.toString())).isEqualTo(2);
    assertThat(err.toString())
        .contains("unknown key 'adapter.rnak'", "the nearest is 'adapter.rank'")
        .hasLineCount(1);
  }

  @Test
  void optionOutOfRangeIsRefused() {
    assertThat(run("train", "--model=m", "--data=d", "--output=o", "--steps=0")).isEqualTo(2);
    assertThat(err.toString()).startsWith("uio: train.steps = 0 is out of range").hasLineCount(1);
  }

  @Test
  void optionsReachTheSettings() {
    CommandLine main = Main.commandLine();
    main.parseArgs(
        "train",
        "--model=m",
        "--data=d",
        "--output=o",
        "--steps",
        "9",
        "--rank",
        "4",
        "--segment-length=64",
        "--graph-memory",
        "1GiB");
    TrainCommand train = main.getSubcommands().get("train").getCommand();

    Settings settings = train.settings();

    assertThat(settings.integer("train.steps")).isEqualTo(9);
    assertThat(settings.integer("train.rank")).isEqualTo(4);
    assertThat(settings.integer("train.segment-length")).isEqualTo(64);
    assertThat(settings.bytes("train.graph-memory")).isEqualTo(1L << 30);
  }

  @Test
  void listsAreTakenFromOptions() {
    CommandLine main = Main.commandLine();
    main.parseArgs("evaluate", "--model=m", "--adapter=a", "--lengths", "256,512");
    EvaluateCommand evaluate = main.getSubcommands().get("evaluate").getCommand();
    main.parseArgs(
        "prep", "--tokenizer=t", "--output=o", "--input", "a.txt", "b.txt", "--input", "c.txt");
    PrepCommand prep = main.getSubcommands().get("prep").getCommand();

    assertThat(evaluate.settings().integers("evaluate.lengths")).containsExactly(256, 512);
    assertThat(prep.settings().texts("prep.input")).containsExactly("a.txt", "b.txt", "c.txt");
  }

  private static Stream<CommandSpec> commands() {
    return Main.commandLine().getSubcommands().values().stream().map(CommandLine::getCommandSpec);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everySettingOfACommandIsAnOptionWhoseHelpTellsRangeAndDefault(CommandSpec command) {
    for (Setting setting : StatedSettings.in(command.name())) {
      assertThat(command.findOption(setting.option()).description()[0])
          .as(setting.key())
          .matches("[A-Z0-9t].*\\. \\[.+; (default .+|required)]");
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void anOptionThatIsNoSettingIsTheCommandsOwn(CommandSpec command) {
    Set<String> settings =
        StatedSettings.in(command.name()).stream().map(Setting::option).collect(toSet());

    assertThat(command.options().stream().map(OptionSpec::longestName))
        .filteredOn(name -> !settings.contains(name))
        .isSubsetOf("--conf", "--help", "--resume");
  }

  @Test
  void aDefaultOfTheHelpIsWhatIsUsed() {
    assertThat(run("train", "--help")).isZero();
    assertThat(out.toString())
        .contains("--lr=X", "Peak learning rate. [number above 0; default 2e-3]")
        .contains("share of", "as 1%;")
        .contains("[URI, or none;");
    assertThat(Settings.defaults().number("train.lr")).isEqualTo(0.002);
  }

  @Test
  void badInputInsideASparkTaskIsStillTheUsersToMend() {
    CommandLine main = Main.commandLine();
    main.setErr(new PrintWriter(err));
    Exception wrapped =
        new IllegalStateException("Job aborted", new InvalidInputException("line 3: bad"));

    assertThat(Failures.failed(wrapped, main, null)).isEqualTo(2);
    assertThat(err.toString()).isEqualToNormalizingNewlines("uio: line 3: bad\n");
  }

  @Test
  void anythingElseEndsWithOne() {
    Exception bug = new IllegalStateException("a bug");
    bug.setStackTrace(new StackTraceElement[0]);

    assertThat(Failures.failed(bug, Main.commandLine(), null)).isEqualTo(1);
  }

  private int run(String... args) {
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return main.execute(args);
  }
}
