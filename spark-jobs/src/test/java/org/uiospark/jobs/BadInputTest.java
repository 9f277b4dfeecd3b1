package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user can get wrong where no Spark session is needed, through the commands. */
class BadInputTest extends CommandInput {
  @AfterEach
  void nothingIsWritten() {
    assertThat(output).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prep",
        "recall",
        "train",
        "evaluate",
        "generate",
        "export",
        "audit",
        "quickstart",
        "bench"
      })
  void unknownOptionsKeysAndConfigurationFiles(String command) throws IOException {
    Path conf = Files.writeString(folder.resolve("my.conf"), "train {\n  stpes = 3\n}\n");

    assertRefused(CommandRun.of(command, "--sedd", 1), "unknown option '--sedd'", command);
    assertRefused(
        CommandRun.of(command, "--conf", conf),
        "my.conf",
        "'train.stpes' in line 2",
        "train.steps");
    assertRefused(CommandRun.of(command, "--conf", folder.resolve("no.conf")), "no.conf");
  }

  @ParameterizedTest
  @CsvSource({
    "quickstart, output",
    "bench, model",
    "bench-prep, tokenizer",
    "plan, model",
    "cluster start, folder"
  })
  void urisWhereOnlyAPathOnThisMachineWillDo(String command, String option) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.addAll(List.of("--" + option, "s3a://bucket/it"));
    if (command.equals("bench-prep")) {
      words.addAll(List.of("--input", prompt.toString()));
    }

    assertRefused(
        CommandRun.of(words.toArray()),
        "." + option + " = s3a://bucket/it is out of range: it must be a path on this machine");
  }

  @Test
  void memoryTokensThatDoNotDivideTheSegment() {
    String says = "segment-length 32 is not divisible by memory-tokens 5";

    assertRefused(train(model, folder, "--memory-tokens", 5), says);
    assertRefused(audit(model, adapter, "--segment-length", 32, "--memory-tokens", 5), says);
  }

  @Test
  void objectivesMixturesAndTeachersThatAreNone() {
    assertRefused(
        CommandRun.of(
            "prep",
            "--input",
            prompt,
            "--output",
            folder.resolve("data"),
            "--tokenizer",
            model.resolve("tokenizer.json"),
            "--objective",
            "lmm"),
        "prep.objective = lmm is not known: one of lm, ae, sft");
    assertRefused(
        CommandRun.of(
            "train",
            "--model",
            model,
            "--output",
            folder.resolve("out"),
            "--data",
            "s3a://bucket/x:0.9,b"),
        "'b' has no weight");
    assertRefused(
        train(model, folder, "--distill-weight", 1.5), "train.distill-weight = 1.5", "from 0 to 1");
  }

  @ParameterizedTest
  @CsvSource({
    "prep, --input",
    "recall, --model",
    "train, --model",
    "evaluate, --model",
    "export, --checkpoint"
  })
  void commandsWithoutWhatTheyNeed(String command, String option) {
    assertRefused(CommandRun.of(command), command + " needs " + option);
  }

  @Test
  void filesThatAreNotThere() throws IOException {
    Path nowhere = folder.resolve("nowhere");

    assertRefused(generate(nowhere, adapter), "nowhere", "does not exist");
    assertRefused(generate(model, nowhere), "nowhere", "does not exist");
    assertRefused(audit(nowhere, adapter), "nowhere", "does not exist");
    assertRefused(audit(model, nowhere), "nowhere", "does not exist");
    assertRefused(export(nowhere), "nowhere", "does not exist");
    Files.delete(prompt);
    assertRefused(generate(model, adapter), "prompt.txt", "does not exist");
    assertRefused(export("gone://bucket/run"), "gone");
  }

  @Test
  void directoriesWhereAFileIsAskedFor() {
    assertRefused(
        CommandRun.of("generate", "--model", model, "--adapter", adapter, "--prompt-file", folder),
        "prompt file",
        "is a directory");
    assertRefused(
        CommandRun.of("audit", "--model", model, "--adapter", adapter, "--tokens", folder),
        "tokens file",
        "is a directory");
    assertRefused(
        CommandRun.of("prep", "--input", prompt, "--output", output, "--tokenizer", model),
        "tokenizer",
        "is a directory");
  }

  @Test
  void runsThatAreNotThere() {
    Path nowhere = folder.resolve("nowhere");

    assertRefused(
        CommandRun.of("checkpoints", "list", "--output", nowhere), "nowhere", "no checkpoints");
    assertRefused(
        CommandRun.of("checkpoints", "unlock", "--output", nowhere), "nowhere", "does not exist");
    assertRefused(CommandRun.of("report", "--output", nowhere), "nowhere", "nothing to report");
    assertRefused(CommandRun.of("quickstart", "--output", "/"), "quickstart.output = /");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "1e400", "-1", "9223372036854775808", "1.5", "lots"})
  void sizesThatAreNone(String size) {
    assertRefused(
        CommandRun.of("plan", "--model", model, "--graph-memory", size),
        "plan.graph-memory = ",
        "is out of range: it must be a size");
  }

  @Test
  void aModelWithoutConfiguration() throws IOException {
    Files.delete(model.resolve("config.json"));

    assertRefused(generate(model, adapter), model.toString(), "has no config.json");
    assertRefused(audit(model, adapter), model.toString(), "has no config.json");
  }

  @Test
  void truncatedWeights() throws IOException {
    Path run = folder.resolve("run");
    saveCheckpoint(run, 4);
    cut(run.resolve("checkpoints/step-1/adapter.safetensors"));
    assertRefused(export(run.resolve("checkpoints/step-1")), "adapter.safetensors", "damaged");

    Path damaged = folder.resolve("damaged");
    saveAdapter(TINY, damaged, 4, 0);
    cut(damaged.resolve("adapter.safetensors"));
    assertRefused(generate(model, damaged), "adapter.safetensors", "is truncated");
    assertRefused(audit(model, damaged), "adapter.safetensors", "is truncated");

    cut(model.resolve("model.safetensors"));
    assertRefused(generate(model, adapter), "model.safetensors", "is truncated");
    assertRefused(audit(model, adapter), "model.safetensors", "is truncated");
  }

  @Test
  void tensorsOfTheWrongShape() throws IOException {
    assertRefused(
        audit(model, MHA.resolve("adapter.safetensors")), "adapter.safetensors", "expected shape");

    edit(model.resolve("config.json"), "\"vocab_size\": 2048", "\"vocab_size\": 2047");
    assertRefused(audit(model, adapter), "embed_tokens", "expected shape [2047,");
    assertRefused(generate(model, adapter), "embed_tokens", "found [2048,");
  }

  @Test
  void anAdapterOfAnotherModelOrRank() throws IOException {
    Path other = folder.resolve("other");
    saveAdapter(MHA, other, 4, 0);
    assertRefused(generate(model, other), "another model");
    assertRefused(audit(model, other), "another model");

    saveAdapter(TINY, folder.resolve("wide"), 8, 0);
    Files.copy(
        folder.resolve("wide/adapter.safetensors"),
        Files.createDirectory(folder.resolve("mixed")).resolve("adapter.safetensors"));
    Files.copy(adapter.resolve("adapter_config.json"), folder.resolve("mixed/adapter_config.json"));
    assertRefused(generate(model, folder.resolve("mixed")), "rank 8", "4");
    assertRefused(audit(model, folder.resolve("mixed")), "rank 8", "4");
  }

  @Test
  void aTokenizerLargerThanTheVocabularyOfTheModel() throws IOException {
    Path small = copy(MHA, "small", "config.json", "model.safetensors");
    Files.copy(TINY.resolve("tokenizer.json"), small.resolve("tokenizer.json"));
    saveAdapter(MHA, folder.resolve("other"), 4, 0);

    assertRefused(generate(small, folder.resolve("other")), "2048 tokens", "vocabulary of 260");
  }

  @Test
  void anAdapterThatGivesNoFiniteLoss() throws IOException {
    saveAdapter(TINY, folder.resolve("poisoned"), 4, 1e30f);

    assertRefused(audit(model, folder.resolve("poisoned")), "the loss of segment");
  }
}
