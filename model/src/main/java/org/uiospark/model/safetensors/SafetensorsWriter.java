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
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes float32 tensors as safetensors.
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
    byte[] header = header(metadata, tensors);
    out.write(littleEndian(Long.BYTES).putLong(header.length).array());
    out.write(header);
    ByteBuffer chunk = littleEndian(CHUNK_VALUES * Float.BYTES);
    for (FloatTensor tensor : tensors) {
      for (int done = 0; done < tensor.size(); done += CHUNK_VALUES) {
        int count = Math.min(CHUNK_VALUES, tensor.size() - done);
        chunk.clear().asFloatBuffer().put(tensor.values(), tensor.offset() + done, count);
        out.write(chunk.array(), 0, count * Float.BYTES);
      }
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

  private static byte[] header(Map<String, String> metadata, List<FloatTensor> tensors)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode pairs = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(pairs::put);
    }
    long position = 0;
    for (FloatTensor tensor : tensors) {
      if (root.has(tensor.name())) {
        throw new IllegalArgumentException("two tensors are named " + tensor.name());
      }
      ObjectNode entry = root.putObject(tensor.name());
      entry.put("dtype", DType.F32.name());
      ArrayNode shape = entry.putArray("shape");
      for (long dimension : tensor.dimensions()) {
        shape.add(dimension);
      }
      long end = position + (long) tensor.size() * Float.BYTES;
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
