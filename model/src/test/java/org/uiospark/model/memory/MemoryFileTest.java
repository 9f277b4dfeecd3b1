package org.uiospark.model.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.SegmentEncoder;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.reference.GoldenCase;
import org.uiospark.model.safetensors.FileBytes;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;

class MemoryFileTest {
  private static final String TEXT = "a".repeat(64);

  @TempDir Path folder;

  private static int[] text(MemoryModel model, int tokens) {
    // From 3 on: the specials come before.
    return new SplittableRandom(5).ints(tokens, 3, model.base().config().vocabSize()).toArray();
  }

  private static MemoryOrigin origin(MemoryModel model, Adapter adapter) {
    return MemoryOrigin.of(model.base().fingerprint(), adapter, model.segments());
  }

  private static EncodedRows encoded(
      MemoryModel model, DeviceAdapter adapter, int[] text, int from, int to) {
    int l = model.segments().segmentLength();
    int[] ids = Arrays.copyOfRange(text, from * l, to * l);
    return new EncodedRows(
        MemoryLayout.of(model), new SegmentEncoder(model, adapter).encodeEach(from, ids));
  }

  private static byte[] file(
      MemoryModel model, Adapter adapter, int[] text, List<? extends MemoryRows> rows) {
    TextPrefixes prefixes = new TextPrefixes(model.segments().segmentLength());
    prefixes.add(text, 0, text.length);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      MemoryFile.write(
          out,
          new MemoryHeader(origin(model, adapter), text.length, TEXT),
          MemoryLayout.of(model),
          rows,
          prefixes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static MemoryFile open(byte[] bytes) {
    return MemoryFile.of(SafetensorsFile.of("book.safetensors", ByteBuffer.wrap(bytes)));
  }

  private static int[] joined(int[] left, int[] right) {
    int[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }

  /** Through a file on the disk and one in memory, behind memories of one file and of parts. */
  private void assertGoesOnAsIfRead(MemoryModel model, Adapter values, int segments, int rest)
      throws IOException {
    int l = model.segments().segmentLength();
    int[] text = text(model, segments * l + rest);
    int[] prompt = text(model, 9);
    try (DeviceAdapter adapter = model.upload(values)) {
      TextGenerator generator = new TextGenerator(model, adapter);
      int[] expected =
          generator.generate(joined(text, prompt), l + 3, Sampling.GREEDY, token -> {});
      int cut = segments / 3;
      EncodedRows first = encoded(model, adapter, text, 0, cut);
      EncodedRows last = encoded(model, adapter, text, cut, segments);
      byte[] parts = file(model, values, text, List.of(first, last));
      byte[] whole = file(model, values, text, List.of(encoded(model, adapter, text, 0, segments)));
      assertThat(parts).isEqualTo(whole);
      Path path = Files.write(folder.resolve("memory-" + segments), whole);

      for (MemoryFile file : List.of(open(whole), MemoryFile.of(SafetensorsFile.open(path)))) {
        try (file;
            MemoryReader reader = new MemoryReader(model, adapter)) {
          origin(model, values).require("book", file.header().origin());
          assertThat(file.header().tokens()).isEqualTo(text.length);
          assertThat(file.rest()).isEqualTo(Arrays.copyOfRange(text, segments * l, text.length));
          file.load(MemoryLayout.of(model), reader);
          assertThat(
                  generator.generate(
                      reader, joined(file.rest(), prompt), l + 3, Sampling.GREEDY, token -> {}))
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"mha, 20, 7", "mha, 3, 0", "mha, 0, 5", "gqa-tied, 7, 11", "gqa-tied, 1, 0"})
  void readingGoesOnBehindAFileAsBehindTheText(String name, int segments, int rest)
      throws IOException {
    try (GoldenCase golden = GoldenCase.open(name)) {
      assertGoesOnAsIfRead(golden.model(), golden.adapter(), segments, rest);
    }
  }

  /** Where angles depend on the number of positions, keys are kept as they are before RoPE. */
  @ParameterizedTest
  @ValueSource(strings = {"llama-dynamic", "qwen3-dynamic"})
  void keysOfDynamicRopeAreKeptUnrotated(String name) throws IOException {
    Path model = Path.of("src/test/resources/transformers", name);
    try (FrozenLlama base = FrozenLlama.load(model, Device.cpu(), BasePrecision.FLOAT32)) {
      AdapterShape shape = AdapterShape.of(base.config(), 2, 4);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.05 * Math.sin(1.7 * i));
      }
      try (MemoryModel memory = new MemoryModel(base, new SegmentSettings(8, 2), shape)) {
        assertThat(MemoryLayout.of(memory).rotated()).isFalse();
        assertGoesOnAsIfRead(memory, new Adapter(shape, values), 12, 3);
      }
    }
  }

  @Test
  void rowsLieAsTheFormatSays() throws IOException {
    try (GoldenCase golden = GoldenCase.open("gqa-tied");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      MemoryModel model = golden.model();
      int l = model.segments().segmentLength();
      int m = model.segments().memoryTokens();
      int[] text = text(model, 4 * l + 1);
      byte[] rows = new SegmentEncoder(model, adapter).encodeEach(0, Arrays.copyOf(text, 4 * l));
      byte[] bytes =
          file(
              model,
              golden.adapter(),
              text,
              List.of(new EncodedRows(MemoryLayout.of(model), rows)));

      int layers = model.base().config().layers();
      int heads = model.base().config().attention().kvHeads();
      int d = model.base().config().attention().headDim();
      try (SafetensorsFile file = SafetensorsFile.of("x", ByteBuffer.wrap(bytes));
          MemoryBank bank = model.bank(4 * m)) {
        bank.put(0, rows, BasePrecision.FLOAT32);
        NDList expected = bank.keysAndValues();
        for (int i = 0; i < 2 * layers; i++) {
          String name = i < layers ? "layers." + i + ".keys" : "layers." + (i - layers) + ".values";
          assertThat(file.shape(name)).containsExactly(4 * m, heads, d);
          float[] found = file.tensor(name).floats();
          float[] there = expected.get(i).toFloatArray();
          for (int row = 0; row < 4 * m; row++) {
            for (int g = 0; g < heads; g++) {
              assertThat(
                      Arrays.copyOfRange(found, (row * heads + g) * d, (row * heads + g + 1) * d))
                  .isEqualTo(
                      Arrays.copyOfRange(there, (g * 4 * m + row) * d, (g * 4 * m + row + 1) * d));
            }
          }
        }
        assertThat(file.metadata())
            .containsEntry("format", "uio-memory")
            .containsEntry("keys", "rotated from position 0")
            .containsEntry("tokens", String.valueOf(4 * l + 1))
            .containsEntry("base_model", model.base().fingerprint())
            .containsEntry("adapter", golden.adapter().fingerprint());
      }
    }
  }

  /** Heap memory as of a remote file, direct memory as of a mapped one; in two parts. */
  @ParameterizedTest
  @EnumSource(BasePrecision.class)
  void rowsComeBackIntoABankBitByBit(BasePrecision precision) throws IOException {
    try (GoldenCase golden = GoldenCase.open("gqa-tied");
        FrozenLlama base = FrozenLlama.load(golden.folder(), Device.cpu(), precision);
        MemoryModel model =
            new MemoryModel(base, golden.model().segments(), golden.adapter().shape());
        DeviceAdapter adapter = model.upload(golden.adapter())) {
      int l = model.segments().segmentLength();
      int rows = 5 * model.segments().memoryTokens();
      byte[] encoded = new SegmentEncoder(model, adapter).encodeEach(0, text(model, 5 * l));
      EncodedRows turned = new EncodedRows(MemoryLayout.of(model), encoded);
      assertThat(turned.rows()).isEqualTo(rows);
      int cut = 3 * MemoryLayout.of(model).rowBytes();
      for (boolean mapped : new boolean[] {false, true}) {
        try (MemoryBank bank = model.bank(rows + 2)) {
          for (int tensor = 0; tensor < 2 * base.config().layers(); tensor++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            turned.writeTo(tensor, out);
            ByteBuffer bytes = ByteBuffer.wrap(out.toByteArray());
            ByteBuffer lie = mapped ? behindEightBytes(bytes) : bytes;
            ByteBuffer first = lie.duplicate().limit(lie.position() + cut);
            bank.put(tensor, 5, lie.position(lie.position() + cut), precision);
            bank.put(tensor, 2, first, precision);
          }
          assertThat(bank.bytes(2, rows)).isEqualTo(encoded);
        }
      }
    }
  }

  /** Direct, read-only, and not at its beginning. */
  private static ByteBuffer behindEightBytes(ByteBuffer bytes) {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining() + 8);
    direct.position(8).put(bytes);
    return direct.position(8).asReadOnlyBuffer();
  }

  @Test
  void aTextThatGrowsTakesOverWhatItSharesAndHasTheSameBytes() throws IOException {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      MemoryModel model = golden.model();
      int l = model.segments().segmentLength();
      int[] text = text(model, 9 * l + 4);
      int[] begun = Arrays.copyOf(text, 5 * l + 2);
      byte[] whole =
          file(model, golden.adapter(), text, List.of(encoded(model, adapter, text, 0, 9)));
      byte[] before =
          file(model, golden.adapter(), begun, List.of(encoded(model, adapter, begun, 0, 5)));
      Path left = folder.resolve("rows");
      try (var out = Files.newOutputStream(left)) {
        encoded(model, adapter, text, 5, 9).writeTo(out);
      }
      try (MemoryFile known = open(before)) {
        MemoryRows rest =
            new StoredRows(
                MemoryLayout.of(model),
                4 * model.segments().memoryTokens(),
                new FileBytes.OnDemand(left));

        assertThat(file(model, golden.adapter(), text, List.of(known.first(5), rest)))
            .isEqualTo(whole);
      }
    }
  }

  private static byte[] small() {
    try (GoldenCase golden = GoldenCase.open("mha");
        DeviceAdapter adapter = golden.model().upload(golden.adapter())) {
      int[] text = text(golden.model(), 2 * golden.model().segments().segmentLength() + 3);
      return file(
          golden.model(),
          golden.adapter(),
          text,
          List.of(encoded(golden.model(), adapter, text, 0, 2)));
    }
  }

  @Test
  void aFileThatIsNotWholeIsRefused() {
    byte[] whole = small();
    open(whole).close();
    for (int length = 0; length < whole.length; length += 1 + length / 7) {
      byte[] torn = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> open(torn))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("book.safetensors");
    }
    assertThatThrownBy(() -> open(Arrays.copyOf(whole, whole.length + 1)))
        .isInstanceOf(InvalidInputException.class);
  }

  /** Each changes the header alone, to another text of the same length. */
  @ParameterizedTest
  @CsvSource({
    "uio-memory, uio-mamory, is no memory file",
    "'\"format_version\":\"1\"', '\"format_version\":\"2\"', format_version 2",
    "layers.1.values, layers.1.valves, layers.1.values",
    "'\"tokens\":\"35\"', '\"tokens\":\"36\"', rest",
    "'\"tokens\":\"35\"', '\"tokens\":\"-5\"', tokens is '-5'",
    "'\"I32\"', '\"U32\"', rest is U32",
    "rotated from position 0, rotated from position 1, keys is"
  })
  void whatTheHeaderSaysHasToFit(String from, String to, String says) {
    String text = new String(small(), StandardCharsets.ISO_8859_1);
    assertThat(text).contains(from);
    byte[] changed = text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> open(changed))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(says)
        .hasMessageContaining("book.safetensors")
        .hasMessageNotContaining("\n");
  }

  @Test
  void memoriesOfAnotherBaseAdapterOrRatioAreRefused() {
    MemoryOrigin here = new MemoryOrigin("b".repeat(64), "c".repeat(64), 32, 4);
    here.require("book", here);
    assertRefused(here, new MemoryOrigin("d".repeat(64), "e".repeat(64), 8, 2), "base model");
    assertRefused(here, new MemoryOrigin("b".repeat(64), "e".repeat(64), 8, 2), "adapter");
    assertRefused(here, new MemoryOrigin("b".repeat(64), "c".repeat(64), 32, 8), "8 memory tokens");
    assertRefused(here, new MemoryOrigin("b".repeat(64), "c".repeat(64), 64, 4), "segment of 64");
  }

  private static void assertRefused(MemoryOrigin here, MemoryOrigin there, String says) {
    assertThatThrownBy(() -> here.require("book", there))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("book ")
        .hasMessageContaining(says)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anyValueOfAnAdapterTellsItFromOthers() {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      String fingerprint = golden.adapter().fingerprint();
      float[] values = golden.adapter().values().clone();
      assertThat(new Adapter(golden.adapter().shape(), values).fingerprint())
          .isEqualTo(fingerprint);
      values[values.length - 1] = Math.nextUp(values[values.length - 1]);
      assertThat(new Adapter(golden.adapter().shape(), values).fingerprint())
          .isNotEqualTo(fingerprint);
    }
  }
}
