package org.uiospark.model.memory;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;
import org.uiospark.model.safetensors.StreamedTensor;

/** The memories of one text in a safetensors file, checked whole when it is opened. */
public final class MemoryFile implements AutoCloseable {
  private static final String REST = "rest";
  private static final String PREFIXES = "prefixes";

  /** Bytes that are on their way to another file at once, about. */
  private static final int BLOCK = 16 << 20;

  /** Bytes that are on their way to a reader at once, about: few enough for a processor's cache. */
  private static final int LOADED = 4 << 20;

  private final SafetensorsFile file;
  private final MemoryHeader header;
  private final MemoryLayout layout;

  private MemoryFile(SafetensorsFile file, MemoryHeader header, MemoryLayout layout) {
    this.file = file;
    this.header = header;
    this.layout = layout;
  }

  /**
   * Takes over a safetensors file.
   *
   * @throws org.uiospark.model.input.InvalidInputException if it is no memory file, or not whole;
   *     then it is closed
   */
  public static MemoryFile of(SafetensorsFile file) {
    try {
      MemoryHeader header = MemoryHeader.of(file.origin(), file.metadata());
      MemoryFile memory = new MemoryFile(file, header, layout(file));
      memory.check();
      return memory;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static MemoryLayout layout(SafetensorsFile file) {
    int layers = (file.names().size() - 2) / 2;
    String first = "layers.0.keys";
    if (layers < 1 || !file.names().contains(first) || file.shape(first).length != 3) {
      throw MemoryHeader.damaged(file.origin(), "it has no keys of three dimensions");
    }
    long[] shape = file.shape(first);
    if (shape[1] < 1 || shape[2] < 1 || shape[1] * (double) shape[2] > BLOCK) {
      throw MemoryHeader.damaged(file.origin(), "its keys are " + Arrays.toString(shape));
    }
    return new MemoryLayout(
        layers,
        Math.toIntExact(shape[1]),
        Math.toIntExact(shape[2]),
        file.dtype(first) == DType.BF16 ? BasePrecision.BFLOAT16 : BasePrecision.FLOAT32,
        MemoryHeader.rotated(file.origin(), file.metadata()));
  }

  private void check() {
    Set<String> names = new HashSet<>();
    for (int tensor = 0; tensor < layout.tensors(); tensor++) {
      check(layout.name(tensor), dtype(layout), layout.dimensions(header.rows()), names);
    }
    check(REST, DType.I32, new long[] {header.rest()}, names);
    check(PREFIXES, DType.U8, new long[] {header.segments(), TextPrefixes.SIZE}, names);
    for (String name : file.names()) {
      if (!names.contains(name)) {
        throw MemoryHeader.damaged(file.origin(), "it holds " + name);
      }
    }
  }

  private void check(String name, DType dtype, long[] dimensions, Set<String> names) {
    if (!file.names().contains(name)) {
      throw MemoryHeader.damaged(file.origin(), "it has no " + name);
    }
    if (file.dtype(name) != dtype || !Arrays.equals(file.shape(name), dimensions)) {
      throw MemoryHeader.damaged(
          file.origin(),
          String.format(
              Locale.ROOT,
              "%s is %s %s, not %s %s",
              name,
              file.dtype(name),
              Arrays.toString(file.shape(name)),
              dtype,
              Arrays.toString(dimensions)));
    }
    names.add(name);
  }

  private static DType dtype(MemoryLayout layout) {
    return layout.precision() == BasePrecision.BFLOAT16 ? DType.BF16 : DType.F32;
  }

  /**
   * Writes a file.
   *
   * @param rows of all whole segments, one part behind the other
   * @param text all its tokens
   */
  public static void write(
      OutputStream out,
      MemoryHeader header,
      MemoryLayout layout,
      List<? extends MemoryRows> rows,
      TextPrefixes text)
      throws IOException {
    if (text.tokens() != header.tokens()) {
      throw new IllegalArgumentException(
          "a text of " + text.tokens() + " tokens is not one of " + header.tokens());
    }
    List<StreamedTensor> tensors = new ArrayList<>();
    for (int i = 0; i < layout.tensors(); i++) {
      int tensor = i;
      tensors.add(
          new StreamedTensor(
              layout.name(tensor),
              dtype(layout),
              layout.dimensions(header.rows()),
              into -> {
                for (MemoryRows part : rows) {
                  part.writeTo(tensor, into);
                }
              }));
    }
    int[] rest = text.rest();
    ByteBuffer bytes = ByteBuffer.allocate(rest.length * Integer.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(rest);
    tensors.add(
        new StreamedTensor(
            REST, DType.I32, new long[] {rest.length}, into -> into.write(bytes.array())));
    tensors.add(
        new StreamedTensor(
            PREFIXES,
            DType.U8,
            new long[] {text.segments(), TextPrefixes.SIZE},
            into -> into.write(text.digests())));
    SafetensorsWriter.stream(out, header.metadata(layout), tensors);
  }

  /** What it says of itself. */
  public MemoryHeader header() {
    return header;
  }

  /** Tokens behind the last whole segment. */
  public int[] rest() {
    int[] rest = new int[header.rest()];
    file.bytes(REST, 0, rest.length * Integer.BYTES).asIntBuffer().get(rest);
    return rest;
  }

  /** As {@link TextPrefixes#digests} gave them. */
  public byte[] prefixes() {
    byte[] prefixes = new byte[header.segments() * TextPrefixes.SIZE];
    file.bytes(PREFIXES, 0, prefixes.length).get(prefixes);
    return prefixes;
  }

  /** The rows of the first segments, for another file. */
  public MemoryRows first(int segments) {
    int rows = segments * header.origin().memoryTokens();
    return new MemoryRows() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public void writeTo(int tensor, OutputStream out) throws IOException {
        int most = Math.max(1, BLOCK / layout.rowBytes());
        for (int row = 0; row < rows; row += most) {
          byte[] block = new byte[Math.min(most, rows - row) * layout.rowBytes()];
          slice(tensor, row, block.length).get(block);
          out.write(block);
        }
      }
    };
  }

  private ByteBuffer slice(int tensor, int row, int length) {
    return file.bytes(layout.name(tensor), (long) row * layout.rowBytes(), length);
  }

  /**
   * Has a reader begin behind all whole segments; {@link #rest} is to be read next.
   *
   * @param here layout of the memories of the reader's model
   * @param reader has read nothing yet
   */
  public void load(MemoryLayout here, MemoryReader reader) {
    if (!layout.isReadableAs(here)) {
      throw MemoryHeader.damaged(
          file.origin(), "its memories are " + layout + ", those of the model " + here);
    }
    reader.begin(header.segments());
    // In the order of the file, so that one that is far away is read once from end to end.
    int most = Math.max(1, LOADED / layout.rowBytes());
    for (int tensor = 0; tensor < layout.tensors(); tensor++) {
      for (int row = 0; row < header.rows(); row += most) {
        int length = Math.min(most, header.rows() - row) * layout.rowBytes();
        reader.put(tensor, row, slice(tensor, row, length), layout.precision());
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
