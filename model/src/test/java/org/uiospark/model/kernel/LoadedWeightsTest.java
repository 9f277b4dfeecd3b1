package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.AtOnce;

/** Weights of 16 bits on their way to the device: the bits of the file decide, nothing else. */
class LoadedWeightsTest {
  /** BF16 and F16: zeros, ones, smallest and largest, subnormal and not, of both signs. */
  private static final Map<DType, int[]> SPECIAL =
      Map.of(
          DType.BF16, new int[] {0x0000, 0x8000, 0x3f80, 0xbf80, 0x0001, 0x807f, 0x7f7f, 0xff7f},
          DType.F16, new int[] {0x0000, 0x8000, 0x3c00, 0xbc00, 0x0001, 0x83ff, 0x7bff, 0xfbff});

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"BF16, FLOAT32", "BF16, BFLOAT16", "F16, FLOAT32", "F16, BFLOAT16"})
  void everyWeightIsTheNumberOfItsBits(DType dtype, BasePrecision precision) throws IOException {
    Map<String, short[]> bits = write(config(32, 100), dtype);

    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), precision)) {
      assertThat(values(base, "embedding"))
          .containsExactly(expected(bits.get("model.embed_tokens.weight"), dtype, precision));
      assertThat(values(base, "norm"))
          .containsExactly(expected(bits.get("model.norm.weight"), dtype, precision));
      // The last part of a matrix that is made of three.
      float[] v = expected(bits.get("model.layers.1.self_attn.v_proj.weight"), dtype, precision);
      float[] qkv = values(base, "layers.1.qkv");
      assertThat(Arrays.copyOfRange(qkv, qkv.length - v.length, qkv.length)).containsExactly(v);
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16, 7f80, Infinity", "BF16, ffc0, NaN", "F16, fc00, -Infinity"})
  void aWeightThatIsNotFiniteIsNamed(DType dtype, String bits, String said) throws IOException {
    write(config(32, 100), dtype);
    Path file = folder.resolve("model.safetensors");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      short value = (short) Integer.parseInt(bits, 16);
      long at = begin(file, "model.layers.0.mlp.up_proj.weight") + 2L * (5 * 32 + 7);
      channel.write(
          ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(value).flip(), at);
    }

    assertThatThrownBy(() -> FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("mlp.up_proj.weight holds " + said + " in row 5,");
  }

  /** 80 MiB in the file; as float32 they would be twice that. */
  @Test
  void theHeapHasNoCopyOfAModelThatIsLoaded() throws IOException {
    write(config(256, 80_000), DType.BF16);
    long file = Files.size(folder.resolve("model.safetensors"));
    // What is made once for all models does not count.
    FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16).close();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long heap = threads.getCurrentThreadAllocatedBytes();

    try (FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.BFLOAT16)) {
      assertThat(base.weights()).isNotEmpty();
      assertThat(threads.getCurrentThreadAllocatedBytes() - heap).isLessThan(file / 4);
    }
  }

  private static LlamaConfig config(int hidden, int vocabulary) {
    return new LlamaConfig(
        hidden,
        48,
        2,
        1e-5,
        AttentionConfig.plain(4, 2, 8),
        RotaryConfig.unscaled(1e4, 64),
        new VocabularyConfig(vocabulary, false, 1, List.of(2)));
  }

  private static float[] values(FrozenLlama base, String name) {
    try (NDManager scratch = base.newManager();
        Kernels kernels =
            new Kernels(
                base.config(),
                1,
                Device.cpu(),
                new Arithmetic(MatrixProducts.LIBTORCH, 1),
                AtOnce.on(Device.cpu()),
                Kernels.source())) {
      return kernels
          .rows(scratch, BasePrecision.FLOAT32, KernelCall.view(base.weights().get(name), scratch))
          .toFloatArray();
    }
  }

  /**
   * By the definitions of the types, in double precision; bfloat16 rounds to nearest, ties to even.
   */
  private static float[] expected(short[] bits, DType dtype, BasePrecision precision) {
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      double exact = dtype == DType.BF16 ? number(bits[i], 8, 7) : number(bits[i], 5, 10);
      values[i] = (float) exact;
      if (precision == BasePrecision.BFLOAT16 && exact != 0) {
        double step = Math.scalb(1.0, Math.max(Math.getExponent(exact), -126) - 7);
        values[i] = (float) (Math.rint(exact / step) * step);
      }
    }
    return values;
  }

  private static double number(short bits, int exponentBits, int mantissaBits) {
    int bias = (1 << (exponentBits - 1)) - 1;
    int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
    double mantissa = bits & ((1 << mantissaBits) - 1);
    double magnitude =
        exponent == 0
            ? Math.scalb(mantissa, 1 - bias - mantissaBits)
            : Math.scalb(mantissa + (1 << mantissaBits), exponent - bias - mantissaBits);
    return bits < 0 ? -magnitude : magnitude;
  }

  /** A random model of a shape whose weights have 16 bits, among them the special ones. */
  private Map<String, short[]> write(LlamaConfig config, DType dtype) throws IOException {
    RandomLlama.write(folder, config, 1);
    Path file = folder.resolve("model.safetensors");
    Map<String, short[]> bits = new LinkedHashMap<>();
    ObjectNode header = new ObjectMapper().createObjectNode();
    SplittableRandom random = new SplittableRandom(1);
    long size = 0;
    try (SafetensorsFile names = SafetensorsFile.open(file)) {
      for (String name : names.names()) {
        long[] shape = names.shape(name);
        short[] drawn = new short[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < drawn.length; i++) {
          int[] special = SPECIAL.get(dtype);
          // Below 2: finite in both types.
          drawn[i] =
              (short)
                  (random.nextInt(4) == 0
                      ? special[random.nextInt(special.length)]
                      : random.nextInt(1 << 16) & 0xbfff);
        }
        bits.put(name, drawn);
        ObjectNode entry = header.putObject(name).put("dtype", dtype.name());
        Arrays.stream(shape).forEach(entry.putArray("shape")::add);
        entry.putArray("data_offsets").add(size).add(size + 2L * drawn.length);
        size += 2L * drawn.length;
      }
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(header);
    ByteBuffer whole =
        ByteBuffer.allocate((int) (8 + json.length + size)).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(json.length).put(json);
    bits.values()
        .forEach(
            tensor -> {
              for (short each : tensor) {
                whole.putShort(each);
              }
            });
    Files.write(file, whole.array());
    return bits;
  }

  private static long begin(Path file, String tensor) throws IOException {
    ByteBuffer whole = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) whole.getLong();
    byte[] json = new byte[length];
    whole.get(json);
    return 8L
        + length
        + new ObjectMapper().readTree(json).at("/" + tensor + "/data_offsets/0").asLong();
  }
}
