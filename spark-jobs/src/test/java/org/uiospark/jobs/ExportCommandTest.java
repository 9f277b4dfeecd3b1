package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.export.Export;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;

class ExportCommandTest {
  private static final Path FIXTURE = Path.of("../model/src/test/resources/fixtures/gqa-tied");

  @TempDir Path folder;
  private Path model;
  private Path run;
  private Path output;

  @BeforeEach
  void checkpoints() throws IOException {
    model = Files.createDirectory(folder.resolve("model"));
    Files.copy(FIXTURE.resolve("config.json"), model.resolve("config.json"));
    Files.copy(FIXTURE.resolve("model.safetensors"), model.resolve("model.safetensors"));
    Files.writeString(model.resolve("tokenizer.json"), "{}");
    run = folder.resolve("run");
    output = folder.resolve("to/export");
    save(3);
    save(7);
  }

  private void save(long step) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(model)) {
      AdapterShape shape = AdapterShape.of(base.config(), 4, 6);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = step + i / 1024f;
      }
      TrainerState state =
          new TrainerState(
              1,
              step,
              5,
              base.fingerprint(),
              "d".repeat(64),
              Map.of("model", model.toString(), "lr", 1e-3),
              Map.of("java", "17"));
      new CheckpointStore(OutputFolder.of(run.toString(), new Configuration()))
          .save(
              new Checkpoint(
                  AdapterConfig.of(
                      AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
                      new SegmentSettings(24, 3),
                      shape,
                      Map.of("step", step, "seed", 5)),
                  new Adapter(shape, values),
                  new float[shape.size()],
                  new float[shape.size()],
                  state),
              Losses.UNKNOWN);
    }
  }

  private Path step(long step) {
    return run.resolve("checkpoints/step-" + step);
  }

  private CommandRun export(Path checkpoint, Object... options) {
    List<Object> words =
        new ArrayList<>(List.of("export", "--checkpoint", checkpoint, "--output", output));
    words.addAll(List.of(options));
    return CommandRun.of(words.toArray());
  }

  @Test
  void theNewestCheckpointOfARunBecomesAnAdapterFolder() throws IOException {
    CommandRun exported = export(run);

    assertThat(exported.err()).isEmpty();
    assertThat(exported.status()).isZero();
    assertThat(exported.out().strip()).endsWith(output.toString());
    assertThat(names(output))
        .containsExactlyInAnyOrder(
            "adapter.safetensors",
            "adapter_config.json",
            "tokenizer.json",
            "base_model.json",
            "provenance.json",
            "peft",
            "serving.properties",
            "uio_memory.py",
            "README.md");
    assertThat(Files.readAllLines(output.resolve("uio_memory.py"))).hasSizeBetween(100, 250);
    assertThat(names(output.getParent())).containsExactly("export");
    assertThat(output.resolve("adapter.safetensors"))
        .hasSameBinaryContentAs(step(7).resolve("adapter.safetensors"));
    LoadedAdapter loaded = AdapterFiles.load(output);
    assertThat(loaded.config().settings()).isEqualTo(new SegmentSettings(24, 3));
    assertThat(loaded.config().provenance()).containsEntry("seed", 5);

    JsonNode base = json("base_model.json");
    assertThat(base.get("path").asText()).isEqualTo(model.toString());
    assertThat(base.get("name").asText()).isEqualTo("tiny");
    assertThat(base.get("fingerprint").asText()).hasSize(64);
    JsonNode provenance = json("provenance.json");
    assertThat(provenance.get("step").asLong()).isEqualTo(7);
    assertThat(provenance.get("seed").asLong()).isEqualTo(5);
    assertThat(provenance.get("data_fingerprint").asText()).isEqualTo("d".repeat(64));
    assertThat(provenance.get("settings").get("lr").asDouble()).isEqualTo(1e-3);
    assertThat(provenance.get("versions").get("java").asText()).isEqualTo("17");
  }

  @Test
  void thePeftFoldersHoldTheSameTensorsUnderTheirNames() throws IOException {
    export(step(3));

    Adapter adapter = AdapterFiles.load(output).adapter();
    for (String part : new String[] {"encoder", "transfer"}) {
      JsonNode config = json("peft/" + part + "/adapter_config.json");
      assertThat(config.get("peft_type").asText()).isEqualTo("LORA");
      assertThat(config.get("r").asInt()).isEqualTo(4);
      assertThat(config.get("lora_alpha").asInt()).isEqualTo(6);
      assertThat(config.get("target_modules").toString())
          .isEqualTo(
              part.equals("encoder") ? "[\"q_proj\",\"v_proj\"]" : "[\"k_proj\",\"v_proj\"]");
      Path file = output.resolve("peft").resolve(part).resolve("adapter_model.safetensors");
      try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
        assertThat(tensors.names()).hasSize(2 * 2 * adapter.shape().layers());
        for (AdapterShape.Slot slot : adapter.shape().slots()) {
          if (slot.name().startsWith(part)) {
            String name = slot.name().replace(part + ".", "base_model.model.model.");
            assertThat(tensors.shape(name)).containsExactly(slot.dimensions());
            assertThat(tensors.tensor(name).floats())
                .containsExactly(
                    Arrays.copyOfRange(
                        adapter.values(), slot.offset(), slot.offset() + slot.size()));
          }
        }
        assertThat(tensors.names())
            .contains("base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight");
      }
    }
  }

  @Test
  void anExportIsReplacedAndTheSameCheckpointGivesTheSameBytes() throws IOException {
    export(step(3));
    export(run);
    byte[] first = Files.readAllBytes(output.resolve("provenance.json"));

    assertThat(export(step(7)).status()).isZero();

    assertThat(Files.readAllBytes(output.resolve("provenance.json"))).containsExactly(first);
    assertThat(output.resolve("adapter.safetensors"))
        .hasSameBinaryContentAs(step(7).resolve("adapter.safetensors"));
    assertThat(names(output.getParent())).containsExactly("export");
  }

  @Test
  void anExportIsFoundBelowAFolderOfAnyName() throws IOException {
    output = Files.createDirectories(folder.resolve("jos\u00e9 100%")).resolve("export");
    assertThat(export(run).status()).isZero();

    LoadedAdapter loaded =
        AdapterSource.adapter(OutputFolder.of(output.toString(), new Configuration()));

    assertThat(loaded.config().segmentLength()).isEqualTo(24);
  }

  /** As in an object store, where an export is files one after the other. */
  @Test
  void anExportThatWasCutWhileItWasUploadedIsReplaced() throws IOException {
    assertThat(export(run).status()).isZero();
    Files.delete(output.resolve("adapter_config.json"));
    assertRefused(export(run), "holds what no export wrote");

    Files.createFile(output.resolve("_uncommitted-export"));
    assertThat(export(run).status()).isZero();

    assertThat(output.resolve("adapter_config.json")).exists();
    assertThat(output.resolve("_uncommitted-export")).doesNotExist();
  }

  @Test
  void aFolderWithOtherFilesIsLeftAlone() throws IOException {
    Files.createDirectories(output);
    assertThat(export(run).status()).isZero();
    Files.writeString(output.resolve("notes.txt"), "mine");

    assertRefused(export(run), "holds what no export wrote");
    assertThat(output.resolve("notes.txt")).hasContent("mine");
    output = run;
    assertRefused(export(run), "holds what no export wrote");
    output = output.resolve("checkpoints/latest");
    assertRefused(export(run), "is a file");
  }

  @Test
  void onlyWholeCheckpointsAreExported() throws IOException {
    Files.writeString(step(7).resolve("optimizer.safetensors"), "cut");
    assertRefused(export(step(7)), "optimizer.safetensors", "damaged");
    assertThat(output).doesNotExist();
    assertThat(export(run).status()).isZero();
    assertThat(json("provenance.json").get("step").asLong()).isEqualTo(3);

    Files.delete(step(3).resolve("MANIFEST.json"));
    assertRefused(export(step(3)), "never finished");
    assertRefused(export(run), "no whole checkpoint");
    assertRefused(export(model), "is no checkpoint");
    assertRefused(export(folder.resolve("nowhere")), "nowhere", "does not exist");
  }

  /** Moves everything but a new export to its place. */
  public static final class Unmoving extends LocalFileSystem {
    /** Hadoop makes it. */
    public Unmoving() {
      super(
          new RawLocalFileSystem() {
            @Override
            public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
                throws IOException {
              return !from.getName().endsWith(".partial") && super.rename(from, to);
            }
          });
    }
  }

  @Test
  void anExportThatCannotBeReplacedStays() throws IOException {
    assertThat(export(run).status()).isZero();
    Configuration configuration = new Configuration();
    configuration.setClass("fs.file.impl", Unmoving.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    Settings again =
        Settings.of(
            null, Map.of("export.checkpoint", run.toString(), "export.output", output.toString()));

    assertThatThrownBy(() -> Export.run(again, configuration))
        .hasStackTraceContaining("cannot move");

    assertThat(json("provenance.json").get("step").asLong()).isEqualTo(7);
    assertThat(names(output.getParent())).containsExactly("export");
  }

  @Test
  void theModelCardTellsWhereTheAdapterComesFromAndNoFolder() throws IOException {
    Path results = Files.createDirectory(folder.resolve("results"));
    Files.writeString(
        results.resolve("perplexity.json"),
        String.format(
            Locale.ROOT,
            """
        {"rows": [{"context_tokens": 256, "with_memory": 12.345678, "interval": [12.1, 12.6]},
                  {"context_tokens": 512, "with_memory": 11.5, "interval": [11.25, 11.75]}],
         "data": "s3a://key:secret@books/%s/held-out?sign=abc", "window_tokens": 512}
        """,
            folder.getFileName()));
    Files.writeString(results.resolve("recall.json"), "{\"accuracy\": 0.625}");
    Files.writeString(results.resolve("mlflow.json"), "{\"tracking_uri\": \"http://inside\"}");

    assertThat(export(run, "--evaluation", results).status()).isZero();

    assertThat(output.resolve("README.md"))
        .content()
        .startsWith("---\nbase_model: \"tiny\"\n")
        .contains("\nlibrary_name: djl\n", "\ntags:\n- uio-llms\n")
        .doesNotContain("license")
        .contains("segment of 24 tokens", "3 memory tokens")
        .contains("| step | 7 |", "| seed | 5 |", "d".repeat(64), "| lr | 0.001 |", "| java | 17 |")
        .contains("| model | model |")
        .contains("### recall", "| accuracy | 0.625 |", "### perplexity", "| data | held-out |")
        .contains("| context tokens | with memory | interval |", "| 256 | 12.346 | 12.1, 12.6 |")
        .doesNotContain(folder.toString(), folder.getFileName().toString(), "secret", "abc")
        .doesNotContain("mlflow", "inside");
    byte[] card = Files.readAllBytes(output.resolve("README.md"));
    assertThat(export(run, "--evaluation", results).status()).isZero();
    assertThat(Files.readAllBytes(output.resolve("README.md"))).containsExactly(card);
    assertThat(export(run, "--evaluation", results.resolve("recall.json")).status()).isZero();
    assertThat(output.resolve("README.md")).content().contains("0.625").doesNotContain("perplex");
  }

  @Test
  void anEvaluationThatIsMissingOrOfAnotherModelIsRefused() throws IOException {
    Path result = folder.resolve("ppl.json");
    assertRefused(export(run, "--evaluation", result), "ppl.json", "does not exist");
    Files.writeString(result, "{\"model_fingerprint\": \"0123\"}");
    assertRefused(export(run, "--evaluation", result), "ppl.json", "another base model");
    Files.writeString(result, "[1]");
    assertRefused(export(run, "--evaluation", result), "is not a JSON object");
    assertRefused(export(run, "--evaluation", model.resolve("model.safetensors")), "no .json");
    assertThat(output).doesNotExist();
  }

  @Test
  void theTokenizerOfAnotherModelIsNotTaken() throws IOException {
    Files.writeString(
        model.resolve("config.json"),
        Files.readString(model.resolve("config.json")).replace("10000.0", "20000.0"));

    assertThat(export(run).status()).isZero();
    assertThat(names(output)).doesNotContain("tokenizer.json").contains("adapter.safetensors");
  }

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(output.resolve(name).toFile());
  }

  private static Stream<String> names(Path of) throws IOException {
    try (Stream<Path> entries = Files.list(of)) {
      return entries.map(entry -> entry.getFileName().toString()).toList().stream();
    }
  }
}
