package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;

class FrozenLlamaTest {
  private static final LlamaConfig CONFIG =
      new LlamaConfig(32, 48, 2, 4, 2, 8, 100, 1e-5, 1e4, 64, false, 1, List.of(2));

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
