package org.uiospark.jobs.export;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.InputFile;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsWriter;
import org.uiospark.model.serve.ServingFiles;

/** The files of an export, in a local folder. */
final class ExportFiles {
  static final String PROVENANCE = "provenance.json";
  static final String PEFT = "peft";
  static final String CARD = "README.md";
  static final String PYTHON = "uio_memory.py";

  /** Python leaves it beside what a program imports. */
  private static final String PYTHON_CACHE = "__pycache__";

  /** All that an export may hold. */
  static final Set<String> NAMES =
      Set.of(
          AdapterFiles.TENSORS,
          AdapterFiles.CONFIG,
          ServingFiles.TOKENIZER,
          ServingFiles.BASE_MODEL,
          ServingFiles.PROPERTIES,
          PROVENANCE,
          PEFT,
          CARD,
          PYTHON,
          PYTHON_CACHE);

  private static final Logger LOG = LoggerFactory.getLogger(ExportFiles.class);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Checkpoint checkpoint;
  private final ModelCard card;
  private final Path folder;
  private final Configuration configuration;

  /**
   * @param evaluation results for the model card
   * @param folder exists and is empty
   * @param configuration for the file system of the base model
   */
  ExportFiles(
      Checkpoint checkpoint,
      List<EvaluationResult> evaluation,
      Path folder,
      Configuration configuration) {
    this.checkpoint = checkpoint;
    this.card = new ModelCard(checkpoint, evaluation);
    this.folder = folder;
    this.configuration = configuration;
  }

  /** Writes them all; the same checkpoint gives the same bytes. */
  void write() throws IOException {
    AdapterConfig config = checkpoint.config();
    TrainerState state = checkpoint.state();
    Object trainedOn = state.settings().get("model");
    String basePath = path(trainedOn == null ? config.baseModel().name() : trainedOn.toString());

    AdapterFiles.save(folder, checkpoint.adapter(), config);
    copyTokenizer(basePath);

    ObjectNode base = JSON.valueToTree(config.baseModel());
    base.put("path", basePath);
    json(ServingFiles.BASE_MODEL, base);
    Files.writeString(
        folder.resolve(ServingFiles.PROPERTIES), ServingFiles.properties(config.ratios()));

    ObjectNode provenance = JSON.createObjectNode();
    provenance.put("step", state.step());
    provenance.put("seed", state.seed());
    provenance.put("model_fingerprint", state.modelFingerprint());
    provenance.put("data_fingerprint", state.dataFingerprint());
    provenance.set("settings", JSON.valueToTree(state.settings()));
    provenance.set("versions", JSON.valueToTree(state.versions()));
    json(PROVENANCE, provenance);
    Files.writeString(folder.resolve(CARD), card.text());
    copyPython();

    for (PeftPart part : PeftPart.values()) {
      Path own = Files.createDirectories(folder.resolve(PEFT).resolve(part.folder()));
      JSON.writeValue(own.resolve("adapter_config.json").toFile(), part.config(config, basePath));
      SafetensorsWriter.write(
          own.resolve("adapter_model.safetensors"),
          Map.of("format", "pt"),
          part.tensors(checkpoint.adapter()));
    }
  }

  /** A folder that is there is named so that it is found from anywhere. */
  private static String path(String model) {
    if (InputFile.isUri(model)) {
      return model;
    }
    Path path = Path.of(model);
    return Files.isDirectory(path) ? path.toAbsolutePath().normalize().toString() : model;
  }

  /** Copies the tokenizer of the checkpoint's very model: another would give other tokens. */
  private void copyTokenizer(String model) throws IOException {
    try {
      Path base = ModelFolder.of(model, configuration).path();
      Path tokenizer = base.resolve(ServingFiles.TOKENIZER);
      if (!Files.isRegularFile(tokenizer)) {
        LOG.warn(
            "The export has no tokenizer: there is no {} in {}", ServingFiles.TOKENIZER, model);
        return;
      }
      try (LlamaCheckpoint checkpointOfBase = LlamaCheckpoint.open(base)) {
        checkpoint.config().requireBase(checkpointOfBase.fingerprint(), checkpointOfBase.config());
      }
      Files.copy(tokenizer, folder.resolve(ServingFiles.TOKENIZER));
    } catch (InvalidInputException | UncheckedIOException e) {
      LOG.warn("The export has no tokenizer: {}", e.getMessage());
    }
  }

  private void copyPython() throws IOException {
    try (InputStream script = ExportFiles.class.getResourceAsStream(PYTHON)) {
      Files.copy(script, folder.resolve(PYTHON));
    }
  }

  private void json(String name, ObjectNode content) throws IOException {
    Files.writeString(folder.resolve(name), JSON.writeValueAsString(content) + "\n");
  }
}
