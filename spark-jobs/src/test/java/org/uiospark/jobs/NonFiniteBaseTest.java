package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;

/** A base with one weight that is no number: every command that loads it says which and where. */
@Tag("cluster")
class NonFiniteBaseTest extends CommandInput {
  private static final String TENSOR = "model.layers.1.mlp.up_proj.weight";

  private String says;

  @BeforeEach
  void spoilOneWeight() throws IOException {
    Path file = model.resolve("model.safetensors");
    List<FloatTensor> tensors = new ArrayList<>();
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      for (String name : read.names()) {
        float[] values = read.tensor(name).floats();
        if (name.equals(TENSOR)) {
          values[values.length / 2] = Float.NaN;
        }
        tensors.add(new FloatTensor(name, read.shape(name), values, 0));
      }
    }
    Path spoiled = folder.resolve("spoiled");
    SafetensorsWriter.write(spoiled, Map.of("format", "pt"), tensors);
    Files.copy(spoiled, file, StandardCopyOption.REPLACE_EXISTING);
    saveAdapter(model, adapter, 4, 0);
    says = file + ": tensor " + TENSOR + " holds NaN in row";
  }

  @Test
  void train() throws IOException {
    CommandRun run = train(model, data(), "--steps", 2);

    assertRefused(run, says);
    assertThat(run.err()).doesNotContain("document", "--lr");
  }

  @Test
  void evaluate() throws IOException {
    assertRefused(evaluate(model, adapter, data()), says);
  }

  @Test
  void generate() {
    assertRefused(generate(model, adapter), says);
  }

  @Test
  void audit() {
    assertRefused(audit(model, adapter), says);
  }
}
