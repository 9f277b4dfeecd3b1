package org.uiospark.jobs.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Damaged and lying files of adapters and checkpoints: each loads whole, or ends in one clear line;
 * no other exception, no hang, no memory beyond what the file accounts for.
 */
@Tag("cluster")
class HostileAdaptersTest {
  private static final String MANIFEST = "MANIFEST.json";
  private static final String STATE = "trainer_state.json";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static HostileFolder files;

  @BeforeContainer
  static void goodFiles() throws IOException {
    files = HostileFolder.create();
    try (LlamaCheckpoint base = LlamaCheckpoint.open(HostileFolder.BASE)) {
      AdapterShape shape = AdapterShape.of(base.config(), 2, 4);
      AdapterConfig config =
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              new SegmentSettings(32, 4),
              shape,
              Map.of("seed", 1));
      Adapter adapter = Adapter.initial(shape, new float[shape.hiddenSize()], 1);
      AdapterFiles.save(files.good().resolve("adapter"), adapter, config);
      float[] moments = new float[shape.size()];
      TrainerState state =
          new TrainerState(1, 1, 0, base.fingerprint(), "", Map.of("rank", 2), Map.of());
      new CheckpointStore(HostileFolder.output(files.good().resolve("run")))
          .save(new Checkpoint(config, adapter, moments, moments, state), Losses.UNKNOWN);
    }
  }

  @AfterContainer
  static void clean() throws IOException {
    files.close();
  }

  @Provide
  Arbitrary<String> adapterFiles() {
    return Arbitraries.of(AdapterFiles.CONFIG, AdapterFiles.TENSORS);
  }

  @Provide
  Arbitrary<String> checkpointFiles() {
    return Arbitraries.of(MANIFEST, STATE, OPTIMIZER, AdapterFiles.CONFIG, AdapterFiles.TENSORS);
  }

  @Property
  void safetensors(
      @ForAll(supplier = Damage.Several.class) List<Damage> damages, @ForAll boolean header)
      throws Exception {
    Path file = files.fresh("adapter").resolve(AdapterFiles.TENSORS);
    HostileFolder.spoil(file, damages, header);
    Guarded.read(
        file.getParent(),
        () -> {
          try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            long bytes = 0;
            for (String name : tensors.names()) {
              bytes += tensors.tensor(name).bytes().remaining();
            }
            assertThat(bytes).isLessThan(Files.size(file));
            return tensors.metadata();
          }
        });
  }

  @Property
  void adapters(
      @ForAll("adapterFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages,
      @ForAll boolean header)
      throws Exception {
    Path adapter = files.fresh("adapter");
    HostileFolder.spoil(adapter.resolve(name), damages, header);
    LoadedAdapter loaded = Guarded.read(adapter, () -> AdapterFiles.load(adapter));
    if (loaded != null) {
      assertWhole(loaded.adapter());
    }
  }

  @Property
  void checkpoints(
      @ForAll("checkpointFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages,
      @ForAll boolean header,
      @ForAll boolean summed)
      throws Exception {
    Path run = files.fresh("run");
    Path step = run.resolve("checkpoints/step-1");
    HostileFolder.spoil(step.resolve(name), damages, header);
    boolean resummed = summed && !name.equals(MANIFEST);
    if (resummed) {
      JsonNode manifest = JSON.readTree(step.resolve(MANIFEST).toFile());
      HostileFolder.sum((ObjectNode) manifest.get("files").get(name), step.resolve(name));
      JSON.writeValue(step.resolve(MANIFEST).toFile(), manifest);
    }
    Checkpoint loaded =
        Guarded.read(run, () -> new CheckpointStore(HostileFolder.output(run)).load(1));
    if (loaded != null) {
      assertWhole(loaded.adapter());
      assertThat(loaded.state().step()).isEqualTo(1);
      // A file with a true sum may say anything; all others say what they said.
      String changed = resummed ? name : "";
      Checkpoint original =
          new CheckpointStore(HostileFolder.output(files.good().resolve("run"))).load(1);
      if (!changed.equals(AdapterFiles.TENSORS)) {
        assertThat(loaded.adapter().values()).isEqualTo(original.adapter().values());
      }
      if (!changed.equals(AdapterFiles.CONFIG)) {
        assertThat(loaded.config()).isEqualTo(original.config());
      }
      if (!changed.equals(OPTIMIZER)) {
        assertThat(loaded.firstMoment()).isEqualTo(original.firstMoment());
        assertThat(loaded.secondMoment()).isEqualTo(original.secondMoment());
      }
      if (!changed.equals(STATE)) {
        assertThat(loaded.state()).isEqualTo(original.state());
      }
    }
  }

  private static void assertWhole(Adapter adapter) {
    assertThat(adapter.values()).hasSize(adapter.shape().size());
    for (float value : adapter.values()) {
      assertThat(Float.isFinite(value)).isTrue();
    }
  }
}
