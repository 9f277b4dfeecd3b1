package org.uiospark.model.safetensors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes tensors as safetensors.
 *
 * <p>The same tensors give the same bytes: names in the order given, metadata sorted by key, the
 * header padded with spaces to a multiple of 8 bytes.
 */
public final class SafetensorsWriter {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int CHUNK_VALUES = 1 << 14;

  private SafetensorsWriter() {}

  /**
   * Writes to a stream, in pieces of 64 KiB; leaves it open.
   *
   * @throws IllegalArgumentException if a name occurs twice
   */
  public static void write(
      OutputStream out, Map<String, String> metadata, List<FloatTensor> tensors)
      throws IOException {
    stream(out, metadata, tensors.stream().map(SafetensorsWriter::streamed).toList());
  }

  /**
   * Writes tensors of any type whose bytes come as they are asked for; leaves the stream open.
   *
   * @throws IllegalArgumentException if a name occurs twice, or a tensor gives another number of
   *     bytes than it has
   */
  public static void stream(
      OutputStream out, Map<String, String> metadata, List<StreamedTensor> tensors)
      throws IOException {
    byte[] header = header(metadata, tensors);
    out.write(littleEndian(Long.BYTES).putLong(header.length).array());
    out.write(header);
    for (StreamedTensor tensor : tensors) {
      CountingOutput counted = new CountingOutput(out);
      tensor.body().writeTo(counted);
      if (counted.count != tensor.length()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "tensor %s gave %d bytes, not %d",
                tensor.name(),
                counted.count,
                tensor.length()));
      }
    }
  }

  private static StreamedTensor streamed(FloatTensor tensor) {
    return new StreamedTensor(
        tensor.name(),
        DType.F32,
        tensor.dimensions(),
        out -> {
          ByteBuffer chunk = littleEndian(CHUNK_VALUES * Float.BYTES);
          for (int done = 0; done < tensor.size(); done += CHUNK_VALUES) {
            int count = Math.min(CHUNK_VALUES, tensor.size() - done);
            chunk.clear().asFloatBuffer().put(tensor.values(), tensor.offset() + done, count);
            out.write(chunk.array(), 0, count * Float.BYTES);
          }
        });
  }

  /** Passes bytes on and counts them. */
  private static final class CountingOutput extends OutputStream {
    private final OutputStream out;
    private long count;

    CountingOutput(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      out.write(bytes, from, length);
      count += length;
    }
  }

  /**
   * Writes a file: first under a name of its own beside it, then moved in one step, so that the
   * name never stands for half a file.
   */
  public static void write(Path file, Map<String, String> metadata, List<FloatTensor> tensors)
      throws IOException {
    Path partial = file.resolveSibling("." + file.getFileName() + ".partial");
    try {
      try (OutputStream out = Files.newOutputStream(partial)) {
        write(out, metadata, tensors);
      }
      Files.move(
          partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static byte[] header(Map<String, String> metadata, List<StreamedTensor> tensors)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode pairs = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(pairs::put);
    }
    long position = 0;
    for (StreamedTensor tensor : tensors) {
      if (root.has(tensor.name())) {
        throw new IllegalArgumentException("two tensors are named " + tensor.name());
      }
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", tensor.dtype().name());
      ArrayNode shape = entry.putArray("shape");
      for (long dimension : tensor.dimensions()) {
        shape.add(dimension);
      }
      long end = position + tensor.length();
      entry.putArray("data_offsets").add(position).add(end);
      position = end;
    }
    byte[] json = JSON.writeValueAsBytes(root);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
