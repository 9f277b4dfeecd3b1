package org.uiospark.model.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

class SafetensorsFileTest {
  @TempDir Path folder;

  private static byte[] raw(long declared, String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(declared)
        .put(json)
        .array();
  }

  private static SafetensorsFile of(String header, int dataBytes) {
    return SafetensorsFile.of(
        "x.safetensors", ByteBuffer.wrap(raw(header.length(), header, dataBytes)));
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path file = folder.resolve("a.safetensors");
    float[] values = new float[40_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.5f - 7;
    }
    List<FloatTensor> tensors =
        List.of(
            new FloatTensor("z", new long[] {3, 5}, values, 10),
            new FloatTensor("all", new long[] {200, 200}, values, 0),
            new FloatTensor("scalar", new long[] {}, values, 1),
            new FloatTensor("nothing", new long[] {0, 4}, values, 0));
    SafetensorsWriter.write(file, Map.of("format", "pt", "a", "b"), tensors);
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.names()).containsExactly("z", "all", "scalar", "nothing");
      assertThat(read.metadata()).containsEntry("format", "pt").hasSize(2);
      assertThat(read.tensor("z").shape()).containsExactly(3, 5);
      assertThat(read.tensor("z").bytes().isDirect()).isTrue();
      assertThat(read.tensor("z").floats()).containsExactly(Arrays.copyOfRange(values, 10, 25));
      assertThat(read.tensor("all").floats()).containsExactly(values);
      assertThat(read.tensor("all").floats(300, 2)).containsExactly(values[300], values[301]);
      assertThat(read.tensor("scalar").floats()).containsExactly(values[1]);
      assertThat(read.tensor("nothing").floats()).isEmpty();
      assertThatThrownBy(() -> read.tensor("absent"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("a.safetensors has no tensor absent");
    }
    assertThat(Files.list(folder)).containsExactly(file);
  }

  /** As a tensor over 2 GiB is, which no buffer holds whole. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 24, 400, 1 << 20})
  void aTensorIsReadInParts(int partBytes) throws IOException {
    Path file = folder.resolve("parts.safetensors");
    float[] values = new float[101];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    SafetensorsWriter.write(
        file,
        Map.of(),
        List.of(FloatTensor.vector("before", values), FloatTensor.vector("v", values)));
    try (SafetensorsFile read = SafetensorsFile.open(file, partBytes)) {
      SafetensorsFile.Tensor tensor = read.tensor("v");
      assertThat(tensor.parts()).hasSize((404 + partBytes - 1) / partBytes);
      assertThat(tensor.size()).isEqualTo(101);
      assertThat(tensor.floats()).containsExactly(values);
      for (int from = 0; from < 101; from++) {
        for (int count : new int[] {0, 1, 2, 5, 101 - from}) {
          if (from + count <= 101) {
            assertThat(tensor.floats(from, count))
                .containsExactly(Arrays.copyOfRange(values, from, from + count));
          }
        }
      }
      assertThatThrownBy(() -> tensor.floats(100, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  /** 2.2 GiB of bfloat16 in a file without blocks on the disk but for what is written here. */
  @Test
  void aTensorOverTwoGibibytesIsReadInBlocksOfRows() throws IOException {
    long rows = 70_001;
    int columns = 16_384;
    long bytes = 2 * rows * columns;
    String header =
        ("{\"v\":{\"dtype\":\"BF16\",\"shape\":[" + rows + "," + columns + "],")
            + ("\"data_offsets\":[0," + bytes + "]}}");
    Path file = folder.resolve("large.safetensors");
    long start = 8L + header.length();
    // 1.5 in the first column of three rows, the second of which lies on the bound of two parts.
    long[] marked = {0, 32_768, rows - 1};
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(raw(header.length(), header, 0)), 0);
      channel.write(ByteBuffer.allocate(1), start + bytes - 1);
      for (long row : marked) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) 0xc0, 0x3f}), start + 2 * row * columns);
      }
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      SafetensorsFile.Tensor tensor = read.tensor("v");
      assertThat(tensor.size()).isEqualTo(rows * columns).isGreaterThan(1L << 30);
      assertThat(tensor.length()).isEqualTo(bytes).isGreaterThan(Integer.MAX_VALUE);
      float[] one = new float[columns];
      one[0] = 1.5f;
      float[] none = new float[columns];
      for (long row : marked) {
        assertThat(tensor.floats(row * columns, columns)).containsExactly(one);
        long other = row == 0 ? 1 : row - 1;
        assertThat(tensor.floats(other * columns, columns)).containsExactly(none);
      }
      // Across the bound of two parts.
      float[] both = tensor.floats(32_767L * columns + 1, columns);
      assertThat(both[columns - 1]).isEqualTo(1.5f);
      assertThatThrownBy(tensor::floats)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("at most 2 GiB can be read at once");
    }
  }

  @Test
  void sameTensorsGiveTheSameAlignedBytes() throws IOException {
    List<FloatTensor> tensors = List.of(FloatTensor.vector("v", new float[] {1, 2}));
    ByteArrayOutputStream one = new ByteArrayOutputStream();
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    SafetensorsWriter.write(one, Map.of("a", "1", "b", "2"), tensors);
    SafetensorsWriter.write(two, Map.of("b", "2", "a", "1"), tensors);
    assertThat(one.toByteArray()).isEqualTo(two.toByteArray());
    assertThat(one.size() % 8).isZero();
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(
                    new ByteArrayOutputStream(), Map.of(), List.of(tensors.get(0), tensors.get(0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void halfPrecisionBecomesFloat() {
    String header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[12,16]}}";
    byte[] file = raw(header.length(), header, 16);
    ByteBuffer data = ByteBuffer.wrap(file, 8 + header.length(), 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits : new int[] {0x3c00, 0xc000, 0x0001, 0x8000, 0x7bff, 0xfc00, 0x3fc0, 0xbf80}) {
      data.putShort((short) bits);
    }
    SafetensorsFile read = SafetensorsFile.of("h", ByteBuffer.wrap(file));
    assertThat(read.tensor("h").floats())
        .containsExactly(1f, -2f, 0x1p-24f, -0f, 65504f, Float.NEGATIVE_INFINITY);
    assertThat(read.tensor("b").floats()).containsExactly(1.5f, -1f);
    assertThat(Float.isNaN(HalfFloat.toFloat((short) 0x7e00))).isTrue();
    assertThat(HalfFloat.toFloat((short) 0x0400)).isEqualTo(0x1p-14f);
  }

  @Test
  void integersAreNotReadAsFloats() {
    SafetensorsFile file =
        of("{\"i\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}", 16);
    assertThat(file.tensor("i").bytes().remaining()).isEqualTo(16);
    assertThatThrownBy(() -> file.tensor("i").floats())
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("tensor i is I64; supported are F32, BF16 and F16");
  }

  @Test
  void fileCutShortSaysWhatIsMissing() throws IOException {
    Path file = folder.resolve("cut.safetensors");
    SafetensorsWriter.write(file, Map.of(), List.of(FloatTensor.vector("v", new float[100])));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 3));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            file + " is truncated: expected 400 bytes of tensors, found 397; get the file again");
    Files.write(file, Arrays.copyOf(whole, whole.length + 1));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("expected 400 bytes of tensors, found 401");
    for (int length : new int[] {0, 7, 8, 30}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("is truncated");
    }
  }

  @Test
  void missingFileAndDirectoryAreNamed() {
    assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("no.safetensors")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("no.safetensors does not exist");
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is a directory");
  }

  @Test
  void lengthOfTheHeaderThatLiesIsRefused() {
    for (long length : new long[] {-1, Long.MIN_VALUE, 100_000_001}) {
      assertThatThrownBy(() -> SafetensorsFile.of("x", ByteBuffer.wrap(raw(length, "{}      ", 0))))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("over the limit");
    }
    assertThatThrownBy(() -> SafetensorsFile.of("x", ByteBuffer.wrap(raw(9, "{}      ", 0))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("x is truncated: expected a header of 9 bytes, found 8; get the file again");
    assertThatThrownBy(() -> SafetensorsFile.of("x", ByteBuffer.wrap(raw(1, "{}      ", 0))))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("not valid JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1]|not a JSON object",
        "{\"a\":1} {}|not valid JSON",
        "{\"a\":|not valid JSON",
        "{\"a\":1,\"a\":2}|Duplicate",
        "{\"a\":7}|tensor a has no dtype",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[],\"data_offsets\":[0,4]}}|unknown dtype F31",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}|has no shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}|has no data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|shape holds -1",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}|shape holds 1.5",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}|a begin and an end",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}|a begin and an end",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|need 8 bytes, data_offsets span 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}|overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775808],\"data_offsets\":[0,4]}}|no 64-bit count",
        "{\"__metadata__\":{\"a\":1}}|__metadata__ a is not a string",
        "{\"__metadata__\":[]}|__metadata__ is not a JSON object",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}|tensor b overlaps tensor a",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|overlaps",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[6,10]}}|a hole of 2 bytes between tensor a and tensor b",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|a hole of 4 bytes between the header",
      })
  void damagedHeaderIsRefused(String header, String message) {
    assertThatThrownBy(() -> of(header, 8))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageStartingWith("x.safetensors")
        .hasMessageNotContaining("\n");
  }
}
