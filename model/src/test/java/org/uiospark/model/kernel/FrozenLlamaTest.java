package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;

class FrozenLlamaTest {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(
          32,
          48,
          2,
          1e-5,
          AttentionConfig.plain(4, 2, 8),
          RotaryConfig.unscaled(1e4, 64),
          new VocabularyConfig(100, false, 1, List.of(2)));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens.weight, 99, 31, NaN",
    "model.norm.weight, 7, 0, Infinity",
    "lm_head.weight, 0, 0, -Infinity",
    "model.layers.1.self_attn.k_proj.weight, 3, 5, NaN",
    "model.layers.0.mlp.down_proj.weight, 31, 47, NaN",
  })
  void aWeightThatIsNotFiniteIsNamed(String tensor, int row, int column, float value)
      throws IOException {
    RandomLlama.write(folder, CONFIG, 1);
    FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32).close();
    spoil(tensor, row, column, value);

    assertThatThrownBy(() -> FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32).close())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            folder.resolve("model.safetensors")
                + ": tensor "
                + tensor
                + " holds "
                + value
                + " in row "
                + row
                + ", which is no weight; get the file again");
  }

  /** Before a GPU is looked for: there may be none here. */
  @ParameterizedTest
  @ValueSource(ints = {12, 264})
  void headsThatNoGpuAttendsToAreRefusedThere(int size) {
    LlamaConfig config =
        new LlamaConfig(
            16,
            16,
            1,
            1e-5,
            AttentionConfig.plain(2, 1, size),
            RotaryConfig.unscaled(1e4, 64),
            new VocabularyConfig(10, true, 1, List.of(2)));
    RandomLlama.write(folder, config, 1);
    FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16).close();

    assertThatThrownBy(() -> FrozenLlama.load(folder, Device.gpu(), BasePrecision.BFLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "config.json: heads of "
                + size
                + " values cannot be attended to on a GPU, which takes multiples of 8 up to 256;"
                + " run this model on CPUs");
  }

  /**
   * Tied to the head, in a file without blocks on the disk but for what is written here: a token of
   * value 1.5 in the first place gives logits to the rows that have one there, and to no other.
   */
  @Test
  @Tag("cluster")
  void anEmbeddingOverTwoGibibytesIsLoadedAndRead() throws IOException {
    int vocabulary = 70_001;
    int hidden = 16_384;
    int[] marked = {0, 2, 32_768, 65_536, vocabulary - 1};
    LlamaConfig config =
        new LlamaConfig(
            hidden,
            1,
            1,
            1e-5,
            AttentionConfig.plain(1, 1, 2),
            RotaryConfig.unscaled(1e4, 64),
            new VocabularyConfig(vocabulary, true, 1, List.of(2)));
    // No two of its sizes are the same, but for those that stay.
    LlamaConfig small =
        new LlamaConfig(
            6,
            1,
            1,
            1e-5,
            AttentionConfig.plain(1, 1, 2),
            RotaryConfig.unscaled(1e4, 64),
            new VocabularyConfig(5, true, 1, List.of(2)));
    RandomLlama.write(folder, small, 1);
    Path json = folder.resolve("config.json");
    Files.writeString(
        json,
        Files.readString(json)
            .replaceAll("(\"hidden_size\" : )6", "$1" + hidden)
            .replaceAll("(\"vocab_size\" : )5", "$1" + vocabulary));
    assertThat(LlamaCheckpoint.config(folder)).isEqualTo(config);
    Map<Long, Long> sizes = Map.of(6L, (long) hidden, 5L, (long) vocabulary);
    Map<String, Long> begins = sparse(folder.resolve("model.safetensors"), sizes);
    try (FileChannel channel =
        FileChannel.open(folder.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
      for (int row : marked) {
        long at = begins.get("model.embed_tokens.weight") + 2L * row * hidden;
        channel.write(ByteBuffer.wrap(new byte[] {(byte) 0xc0, 0x3f}), at);
      }
      ByteBuffer ones = ByteBuffer.allocate(2 * hidden).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < hidden; i++) {
        ones.putShort((short) 0x3f80);
      }
      channel.write(ones.flip(), begins.get("model.norm.weight"));
    }

    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16);
        MemoryModel model =
            new MemoryModel(base, new SegmentSettings(4, 1), AdapterShape.of(config, 1, 1));
        MemoryBank bank = model.bank(4);
        NDManager scratch = base.newManager()) {
      float[] eos = new float[hidden];
      eos[0] = 1.5f;
      assertThat(base.eosEmbedding()).containsExactly(eos);
      int[] ids = {vocabulary - 1};
      float[] logits = bank.logits(MemoryModel.tokens(scratch, ids, 0, 1)).toFloatArray();
      assertThat(logits).hasSize(vocabulary);
      double product = 1.5 * 1.5 / Math.sqrt(1.5 * 1.5 / hidden + config.rmsNormEps());
      for (int row = 0; row < vocabulary; row++) {
        boolean set = Arrays.binarySearch(marked, row) >= 0;
        assertThat((double) logits[row]).isCloseTo(set ? product : 0, within(2d));
      }
    }
  }

  /** The tensors of a file with other sizes in bfloat16, all 0; where the values of each begin. */
  private static Map<String, Long> sparse(Path file, Map<Long, Long> sizes) throws IOException {
    ObjectNode header = new ObjectMapper().createObjectNode();
    Map<String, Long> begins = new LinkedHashMap<>();
    long size = 0;
    try (SafetensorsFile names = SafetensorsFile.open(file)) {
      for (String name : names.names()) {
        ObjectNode entry = header.putObject(name).put("dtype", "BF16");
        long elements = 1;
        ArrayNode shape = entry.putArray("shape");
        for (long dimension : names.shape(name)) {
          long other = sizes.getOrDefault(dimension, dimension);
          shape.add(other);
          elements *= other;
        }
        entry.putArray("data_offsets").add(size).add(size + 2 * elements);
        begins.put(name, size);
        size += 2 * elements;
      }
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(header);
    long start = 8L + json.length;
    begins.replaceAll((name, begin) -> begin + start);
    Files.delete(file);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      channel.write(prefix.putLong(json.length).flip(), 0);
      channel.write(ByteBuffer.wrap(json), 8);
      channel.write(ByteBuffer.allocate(1), start + size - 1);
    }
    return begins;
  }

  private void spoil(String tensor, int row, int column, float value) throws IOException {
    Path file = folder.resolve("model.safetensors");
    float[] before;
    long columns;
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder)) {
      before = checkpoint.tensor(tensor).floats();
      long[] shape = checkpoint.tensor(tensor).shape();
      columns = shape.length == 1 ? 1 : shape[1];
    }
    int index = Math.toIntExact(row * columns + column);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.position(begin(channel, tensor) + 4L * index);
      channel.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).flip());
    }
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder)) {
      before[index] = value;
      assertThat(checkpoint.tensor(tensor).floats()).containsExactly(before);
    }
  }

  /** Where the values of a tensor begin in the file. */
  private static long begin(FileChannel channel, String tensor) throws IOException {
    ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(prefix, 0);
    ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(prefix.getLong(0)));
    channel.read(header, 8);
    return 8
        + header.capacity()
        + new ObjectMapper().readTree(header.array()).at("/" + tensor + "/data_offsets/0").asLong();
  }
}
