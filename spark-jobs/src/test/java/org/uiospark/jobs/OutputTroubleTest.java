package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.CheckpointStore;

/** Places that cannot be written: full disks, read-only ones, a file in the way. */
@Tag("cluster")
class OutputTroubleTest extends CommandInput {
  private static final String COMMANDS =
      """
      prep --input BOOK --tokenizer MODEL/tokenizer.json --output
      train --model MODEL --data DATA --segment-length 32 --memory-tokens 4 --steps 1 --output
      evaluate --model MODEL --adapter ADAPTER --data DATA --sequences 1 --output
      audit --model MODEL --adapter ADAPTER --data DATA --repeats 2 --windows 1 --output
      audit --model MODEL --adapter ADAPTER --tokens TOKENS --gradients
      export --checkpoint RUN --output
      quickstart --steps 1 --output
      """;

  /** A command of the list, by its first words and its last, with an output. */
  private CommandRun run(String command, Path to) throws IOException {
    Path run = folder.resolve("run");
    if (!Files.exists(run)) {
      saveCheckpoint(run, 4);
    }
    String line =
        COMMANDS
            .lines()
            .filter(each -> each.startsWith(command.split(" ")[0] + " "))
            .filter(each -> each.endsWith(command.substring(command.indexOf(' ') + 1)))
            .findFirst()
            .orElseThrow()
            .replace("BOOK", BOOK.toString())
            .replace("MODEL", model.toString())
            .replace("DATA", data().toString())
            .replace("ADAPTER", adapter.toString())
            .replace("TOKENS", MHA.resolve("tokens.json").toString())
            .replace("RUN", run.toString());
    List<Object> words = new ArrayList<>(Arrays.asList(line.split(" ")));
    words.add(to);
    return CommandRun.of(words.toArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prep --output",
        "train --output",
        "evaluate --output",
        "audit 1 --output",
        "audit --gradients",
        "export --output",
        "quickstart --output"
      })
  void aReadOnlyDiskAndAFileInTheWay(String command) throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 1024)) {
      Files.createDirectory(disk.at().resolve("there"));
      disk.makeReadOnly();
      for (String name : List.of("there", "below/below")) {
        assertRefused(run(command, disk.at().resolve(name)), disk.at().toString(), "ead-only", ";");
      }
    }
    CommandRun below = run(command, prompt.resolve("below"));
    assertRefused(below, "prompt.txt", "name another");
    assertThat(below.err()).containsPattern("is a file|Not a directory");
    assertThat(prompt).hasContent("The boy ran home.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prep --output",
        "evaluate --output",
        "audit 1 --output",
        "audit --gradients",
        "export --output",
        "quickstart --output"
      })
  void aFullDisk(String command) throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 1024)) {
      // What evaluate and audit write about a data set is smaller than a page.
      disk.leave(command.startsWith("prep") || command.startsWith("export") ? 40 : 0);

      CommandRun run = run(command, disk.at().resolve("out"));

      assertThat(run.err().lines().toList())
          .singleElement()
          .asString()
          .startsWith("uio: ")
          .contains(disk.at().toString(), "No space left on device");
      assertThat(run.status()).isEqualTo(2);
      assertThat(disk.at().resolve("out/adapter_config.json")).doesNotExist();
      assertThat(disk.at().resolve("out/state.json")).doesNotExist();
    }
  }

  @Test
  void aDiskThatIsFullAtACheckpointLeavesTheOneBeforeAndTheRunGoesOnFromIt() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 4096)) {
      output = disk.at().resolve("run");
      assertThat(train(model, data(), "--steps", 1).err()).isEmpty();
      disk.leave(100);
      assertRefused(
          train(model, data(), "--steps", 2, "--resume"),
          "step-2",
          "cannot be written",
          "No space left on device",
          "free space there");
      CheckpointStore store =
          new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
      assertThat(store.latestWhole().orElseThrow().state().step()).isEqualTo(1);

      disk.free();
      assertThat(train(model, data(), "--steps", 2, "--resume").err()).isEmpty();
      assertThat(store.latestWhole().orElseThrow().state().step()).isEqualTo(2);
    }
  }

  @Test
  void aDiskThatIsFullWhenAnExportIsReplacedLeavesTheFormer() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 1024)) {
      Path export = disk.at().resolve("adapter");
      assertThat(run("export --output", export).err()).isEmpty();
      byte[] former = Files.readAllBytes(export.resolve("adapter.safetensors"));
      disk.leave(20);

      assertRefused(run("export --output", export), "No space left on device", "free space there");

      assertThat(export.resolve("adapter.safetensors")).hasBinaryContent(former);
      try (var left = Files.list(disk.at())) {
        assertThat(left.map(path -> path.getFileName().toString()))
            .containsExactlyInAnyOrder("adapter", "full");
      }
    }
  }

  @Test
  void aLinkToAFolderIsAFolder() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    output = Files.createSymbolicLink(folder.resolve("link"), real);

    assertThat(train(model, data(), "--steps", 1).err()).isEmpty();

    assertThat(real.resolve("checkpoints/step-1/MANIFEST.json")).exists();
  }
}
