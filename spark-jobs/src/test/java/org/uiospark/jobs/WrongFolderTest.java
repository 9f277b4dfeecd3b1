package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A folder that exists and is something else than the option asks for is told what it is. */
@Tag("cluster")
class WrongFolderTest extends CommandInput {
  private static final String PEFT = "an adapter in the format of HuggingFace PEFT";

  private Path run;
  private Path exported;

  @BeforeEach
  void oneOfEachKind() {
    run = folder.resolve("run");
    saveCheckpoint(run, 4);
    exported = folder.resolve("exported");
    assertThat(CommandRun.of("export", "--checkpoint", run, "--output", exported).status())
        .isZero();
  }

  private Path given(String kind) throws IOException {
    return switch (kind) {
      case "model" -> model;
      case "data" -> data();
      case "run" -> run;
      case "checkpoint" -> run.resolve("checkpoints/step-1");
      case "export" -> exported;
      case "peft" -> exported.resolve("peft/encoder");
      case "file" -> prompt;
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "peft, " + PEFT,
    "model, a base model",
    "data, a data set",
    "file, is a file",
  })
  void asAnAdapter(String kind, String says) throws IOException {
    String instead = kind.equals("peft") ? "name file:" + exported : "a folder that export wrote";

    assertRefused(generate(model, given(kind)), says, instead);
    if (!kind.equals("file")) {
      // Bare tensors may be a file here.
      assertRefused(audit(model, given(kind)), says, instead);
    }
    assertRefused(evaluate(model, given(kind), data()), says, instead);
  }

  @ParameterizedTest
  @CsvSource({
    "peft, " + PEFT,
    "export, an adapter",
    "checkpoint, a checkpoint",
    "run, the output of a training run",
    "data, a data set",
    "file, is a file"
  })
  void asAModel(String kind, String says) throws IOException {
    Path given = given(kind);

    assertRefused(generate(given, adapter), says, "config.json");
    assertRefused(audit(given, adapter), says, "config.json");
    assertRefused(evaluate(given, adapter, data()), says, "config.json");
    assertRefused(train(given, data()), says, "config.json");
    assertRefused(CommandRun.of("plan", "--model", given), says, "config.json");
    assertRefused(CommandRun.of("bench", "--model", given), says, "config.json");
  }

  @ParameterizedTest
  @CsvSource({
    "peft, " + PEFT,
    "export, an adapter",
    "checkpoint, a checkpoint",
    "run, the output of a training run",
    "model, a base model"
  })
  void asADataSet(String kind, String says) throws IOException {
    Path given = given(kind);

    assertRefused(train(model, given), "it is " + says, "name what prep wrote");
    assertRefused(train(model, data(), "--held-out", given), "it is " + says);
    assertRefused(evaluate(model, adapter, given), "it is " + says);
    assertRefused(
        CommandRun.of(
            "audit", "--model", model, "--adapter", adapter, "--repeats", 2, "--data", given),
        "it is " + says);
  }

  @ParameterizedTest
  @CsvSource({
    "peft, " + PEFT,
    "export, an adapter",
    "data, a data set",
    "model, a base model",
    "file, no checkpoint"
  })
  void asACheckpoint(String kind, String says) throws IOException {
    assertRefused(export(given(kind)), says, "name a step-N folder or the output of train");
  }
}
