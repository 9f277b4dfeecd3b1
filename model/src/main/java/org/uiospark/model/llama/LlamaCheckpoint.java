package org.uiospark.model.llama;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * A base model in HuggingFace layout: {@code config.json} and one or many safetensors files.
 *
 * <p>Opening checks that every tensor that the configuration calls for is there with its shape, and
 * that no other is. The weights are mapped, not read. Safe for use by many threads.
 */
public final class LlamaCheckpoint implements AutoCloseable {
  private final Path folder;
  private final LlamaConfig config;
  private final CheckpointShards shards;
  private final List<String> names;
  private String fingerprint;

  private LlamaCheckpoint(Path folder, LlamaConfig config, CheckpointShards shards) {
    this.folder = folder;
    this.config = config;
    this.shards = shards;
    this.names = List.copyOf(LlamaTensors.of(config).keySet());
  }

  /**
   * Opens and checks a checkpoint.
   *
   * @param folder the directory of {@code config.json}
   * @throws InvalidInputException if it is missing, damaged, or of another architecture
   */
  public static LlamaCheckpoint open(Path folder) {
    LlamaConfig config = config(folder);
    CheckpointShards shards = CheckpointShards.open(folder);
    try {
      check(folder, config, shards.byTensor());
    } catch (RuntimeException e) {
      shards.close();
      throw e;
    }
    return new LlamaCheckpoint(folder, config, shards);
  }

  /**
   * Reads the configuration of a model alone; the weights need not be there.
   *
   * @param folder the directory of {@code config.json}
   * @throws InvalidInputException if it is missing, damaged, or of another architecture
   */
  public static LlamaConfig config(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(
          Files.exists(folder)
              ? "model " + folder + " is a file; name the directory that holds config.json"
              : "model directory " + folder + " does not exist");
    }
    Path configFile = folder.resolve("config.json");
    if (!Files.exists(configFile)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no config.json; name a model directory in HuggingFace layout",
              folder));
    }
    return LlamaConfigReader.read(configFile);
  }

  private static void check(Path folder, LlamaConfig config, Map<String, SafetensorsFile> files) {
    // Before a list is made that is as long as config.json says.
    if (config.layers() > files.size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: config.json says num_hidden_layers %d, the weights are %d tensors; they differ",
              folder,
              config.layers(),
              files.size()));
    }
    Map<String, long[]> needed = LlamaTensors.of(config);
    for (Map.Entry<String, long[]> entry : needed.entrySet()) {
      String name = entry.getKey();
      SafetensorsFile file = files.get(name);
      if (file == null) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: tensor %s is missing%s",
                folder,
                name,
                name.equals(LlamaTensors.LM_HEAD)
                    ? "; config.json says tie_word_embeddings false"
                    : ""));
      }
      if (!Arrays.equals(file.shape(name), entry.getValue())) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: tensor %s: expected shape %s, found %s; config.json and weights differ",
                file.origin(),
                name,
                Arrays.toString(entry.getValue()),
                Arrays.toString(file.shape(name))));
      }
      DType dtype = file.dtype(name);
      if (!dtype.isReadableAsFloat()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: tensor %s is %s; supported are F32, BF16 and F16",
                file.origin(),
                name,
                dtype));
      }
    }
    for (Map.Entry<String, SafetensorsFile> entry : files.entrySet()) {
      String name = entry.getKey();
      if (!needed.containsKey(name) && !LlamaTensors.isIgnored(name, config)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: unexpected tensor %s; config.json describes no such weight",
                entry.getValue().origin(),
                name));
      }
    }
  }

  /** The directory it was opened from. */
  public Path folder() {
    return folder;
  }

  /** The shape of the model. */
  public LlamaConfig config() {
    return config;
  }

  /**
   * The tokens that end a generated text, of {@code config.json} and {@code
   * generation_config.json}.
   */
  public Set<Integer> stopTokenIds() {
    return StopTokens.of(folder, config);
  }

  /**
   * Names of the needed tensors, in the order of computation; {@code lm_head.weight} only where it
   * is not the embedding.
   */
  public List<String> names() {
    return names;
  }

  /**
   * One tensor, of type F32, BF16 or F16.
   *
   * @throws InvalidInputException if the model has none of that name
   */
  public SafetensorsFile.Tensor tensor(String name) {
    return file(name).tensor(name);
  }

  /**
   * The file of a tensor, for messages.
   *
   * @throws InvalidInputException if the model has none of that name
   */
  public String origin(String name) {
    return file(name).origin();
  }

  private SafetensorsFile file(String name) {
    SafetensorsFile file = shards.byTensor().get(name);
    if (file == null) {
      throw new InvalidInputException(folder + " has no tensor " + name);
    }
    return file;
  }

  /** The embedding of a token, {@code [D]}, as float32. */
  public float[] embedding(int tokenId) {
    if (tokenId < 0 || tokenId >= config.vocabSize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "token %d is outside the vocabulary of %d",
              tokenId,
              config.vocabSize()));
    }
    int width = config.hiddenSize();
    return tensor(LlamaTensors.EMBEDDING).floats((long) tokenId * width, width);
  }

  /**
   * SHA-256 in hexadecimal that tells base models apart: sizes, names, types, shapes, and the
   * tensor bytes (all of a model under 64 MB, else the first and last 64 KiB of each tensor).
   */
  public synchronized String fingerprint() {
    if (fingerprint == null) {
      fingerprint = BaseModelFingerprint.of(config, names, this::tensor);
    }
    return fingerprint;
  }

  /** Closes the files; tensors handed out stay readable. */
  @Override
  public void close() {
    shards.close();
  }
}
