package org.uiospark.model.adapter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;

/**
 * An adapter as a folder: {@code adapter.safetensors} under the canonical names, float32, and
 * {@code adapter_config.json}.
 *
 * <p>An adapter is loaded whole or not at all. The same adapter gives the same bytes.
 */
public final class AdapterFiles {
  /** The tensors. */
  public static final String TENSORS = "adapter.safetensors";

  /** How to use them. */
  public static final String CONFIG = "adapter_config.json";

  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .defaultPrettyPrinter(
              new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")))
          .build();

  private AdapterFiles() {}

  /**
   * Writes the folder, creating it where needed. The configuration is written last.
   *
   * @throws InvalidInputException if the folder cannot be written
   */
  public static void save(Path folder, Adapter adapter, AdapterConfig config) {
    if (!adapter.shape().equals(config.shape())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "adapter of %s with the configuration of %s",
              adapter.shape(),
              config.shape()));
    }
    try {
      Files.createDirectories(folder);
      SafetensorsWriter.write(folder.resolve(TENSORS), METADATA, tensors(adapter));
      Path partial = folder.resolve("." + CONFIG + ".partial");
      Files.write(partial, configBytes(config));
      Files.move(
          partial,
          folder.resolve(CONFIG),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new InvalidInputException(
          "adapter folder " + folder + " cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the folder.
   *
   * @throws InvalidInputException if anything is missing, damaged or does not fit
   */
  public static LoadedAdapter load(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException("adapter directory " + folder + " does not exist");
    }
    Path configFile = folder.resolve(CONFIG);
    if (!Files.exists(configFile)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s has no %s; name a directory that export wrote", folder, CONFIG));
    }
    AdapterConfig config = readConfig(configFile.toString(), InputJson.bytes(configFile));
    return new LoadedAdapter(readTensors(folder.resolve(TENSORS), config.shape()), config);
  }

  /** Writes {@code adapter.safetensors} to a stream and leaves it open. */
  public static void writeTensors(OutputStream out, Adapter adapter) throws IOException {
    SafetensorsWriter.write(out, METADATA, tensors(adapter));
  }

  /** The bytes of {@code adapter.safetensors}. */
  public static byte[] tensorBytes(Adapter adapter) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writeTensors(out, adapter);
    } catch (IOException e) {
      throw new UncheckedIOException("a byte array cannot fail", e);
    }
    return out.toByteArray();
  }

  /** The bytes of {@code adapter_config.json}. */
  public static byte[] configBytes(AdapterConfig config) {
    try {
      return (JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("provenance holds a value that JSON has not", e);
    }
  }

  /**
   * Reads {@code adapter_config.json}.
   *
   * @param origin where the bytes come from, for messages
   */
  public static AdapterConfig readConfig(String origin, byte[] json) {
    return InputJson.record(origin, json, AdapterConfig.class);
  }

  /**
   * Reads the tensors of a known layout.
   *
   * @throws InvalidInputException naming the tensor that is missing, not expected, of another shape
   *     or type, or not finite
   */
  public static Adapter readTensors(Path file, AdapterShape shape) {
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      return read(tensors, shape);
    }
  }

  /**
   * Reads the tensors of a known layout from memory.
   *
   * @param origin where the bytes come from, for messages
   * @param bytes the whole file
   */
  public static Adapter readTensors(String origin, byte[] bytes, AdapterShape shape) {
    try (SafetensorsFile tensors = SafetensorsFile.of(origin, ByteBuffer.wrap(bytes))) {
      return read(tensors, shape);
    }
  }

  /**
   * Reads tensors that no {@code adapter_config.json} describes: the rank is that of the file, and
   * {@code <repeat>} is there if the file has it.
   *
   * @param config the base model
   * @param alpha LoRA alpha, which the tensors do not tell
   */
  public static Adapter readTensors(Path file, LlamaConfig config, double alpha) {
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      AdapterShape shape = AdapterShape.of(config, rank(tensors), alpha);
      boolean repeat = tensors.names().contains(AdapterShape.REPEAT_EMBEDDING);
      return read(tensors, repeat ? shape.withRepeat() : shape);
    }
  }

  private static List<FloatTensor> tensors(Adapter adapter) {
    return adapter.shape().slots().stream()
        .map(s -> new FloatTensor(s.name(), s.dimensions(), adapter.values(), s.offset()))
        .toList();
  }

  private static Adapter read(SafetensorsFile file, AdapterShape shape) {
    return new Adapter(shape, new AdapterTensorReader(file, shape).values());
  }

  private static int rank(SafetensorsFile file) {
    long[] dimensions = file.shape(AdapterTensorReader.RANK_TENSOR);
    if (dimensions.length != 2 || dimensions[0] < 1 || dimensions[0] > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s is no LoRA matrix",
              file.origin(),
              AdapterTensorReader.RANK_TENSOR));
    }
    return (int) dimensions[0];
  }
}
