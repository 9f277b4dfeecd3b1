package org.uiospark.model.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.model.input.InvalidInputException;

/**
 * A safetensors file, checked whole before any tensor is handed out.
 *
 * <p>Local files are mapped, each tensor for itself, so that a model larger than memory can be read
 * piece by piece. A mapping outlives {@link #close}. Safe for use by many threads.
 */
public final class SafetensorsFile implements AutoCloseable {
  /**
   * One tensor.
   *
   * @param name its name in the file
   * @param dtype element type
   * @param shape dimensions, row-major
   * @param parts the elements, read-only, one part behind the other, none cut within an element: a
   *     buffer holds 2 GiB at most; direct if the file is mapped
   */
  public record Tensor(String name, DType dtype, long[] shape, List<ByteBuffer> parts) {
    /** Number of elements. */
    public long size() {
      return length() / dtype.bytes();
    }

    /** Number of bytes. */
    public long length() {
      return parts.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /**
     * All bytes, little-endian.
     *
     * @throws InvalidInputException if they are over 2 GiB
     */
    public ByteBuffer bytes() {
      return bytes(0, Math.toIntExact(atOnce(length())));
    }

    /**
     * Some bytes, little-endian: a view where they lie in one part, else a copy.
     *
     * @param from index of the first
     * @param count how many
     */
    public ByteBuffer bytes(long from, int count) {
      ByteBuffer copy = null;
      long begin = 0;
      for (ByteBuffer part : parts) {
        long first = Math.max(from - begin, 0);
        long last = Math.min(from + count - begin, part.remaining());
        if (last - first == count) {
          return slice(part, first, last);
        }
        if (last > first) {
          copy = copy == null ? ByteBuffer.allocate(count) : copy;
          copy.put(slice(part, first, last));
        }
        begin += part.remaining();
      }
      if (copy == null || copy.hasRemaining()) {
        throw new IndexOutOfBoundsException(
            String.format(Locale.ROOT, "bytes %d to %d of tensor %s", from, from + count, name));
      }
      return copy.flip().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * All elements as float32; BF16 and F16 convert without loss.
     *
     * @throws InvalidInputException if they are over 2 GiB
     */
    public float[] floats() {
      return floats(0, Math.toIntExact(atOnce(length()) / dtype.bytes()));
    }

    /**
     * Some elements as float32.
     *
     * @param from index of the first, row-major
     * @param count how many
     * @throws InvalidInputException if the type is not F32, BF16 or F16
     */
    public float[] floats(long from, int count) {
      float[] values = new float[count];
      ByteBuffer slice = bytes(from * dtype.bytes(), Math.multiplyExact(count, dtype.bytes()));
      switch (dtype) {
        case F32 -> slice.asFloatBuffer().get(values);
        case BF16 -> {
          for (int i = 0; i < count; i++) {
            values[i] = Float.intBitsToFloat(slice.getShort(2 * i) << 16);
          }
        }
        case F16 -> {
          for (int i = 0; i < count; i++) {
            values[i] = HalfFloat.toFloat(slice.getShort(2 * i));
          }
        }
        default ->
            throw new InvalidInputException(
                String.format(
                    Locale.ROOT, "tensor %s is %s; supported are F32, BF16 and F16", name, dtype));
      }
      return values;
    }

    private static ByteBuffer slice(ByteBuffer part, long first, long last) {
      return part.slice(part.position() + (int) first, (int) (last - first))
          .order(ByteOrder.LITTLE_ENDIAN);
    }

    private long atOnce(long length) {
      if (length > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "tensor %s %s takes %d bytes; at most 2 GiB can be read at once",
                name,
                Arrays.toString(shape),
                length));
      }
      return length;
    }
  }

  /** Bytes of a part at most: a whole number of elements of any type. */
  private static final int PART = 1 << 30;

  private final String origin;
  private final SafetensorsHeader header;
  private final long dataStart;
  private final FileBytes source;
  private final int partBytes;
  private final Map<String, Tensor> opened = new ConcurrentHashMap<>();

  private SafetensorsFile(
      String origin, SafetensorsHeader header, long dataStart, FileBytes source, int partBytes) {
    this.origin = origin;
    this.header = header;
    this.dataStart = dataStart;
    this.source = source;
    this.partBytes = partBytes;
  }

  /**
   * Opens and checks a local file.
   *
   * @throws InvalidInputException if it is missing, unreadable, truncated or damaged
   */
  public static SafetensorsFile open(Path file) {
    return open(file, PART);
  }

  /**
   * The same in parts of another size.
   *
   * @param partBytes a multiple of 8
   */
  static SafetensorsFile open(Path file, int partBytes) {
    FileBytes.Mapped source = FileBytes.Mapped.open(file);
    try {
      return opened(file.toString(), source, source.channel().size(), partBytes);
    } catch (IOException e) {
      throw closed(
          source, new InvalidInputException(file + " cannot be read: " + e.getMessage(), e));
    }
  }

  /**
   * Checks a file that is in memory already, from a store that cannot be mapped.
   *
   * @param origin where the bytes come from, for messages
   * @param bytes the whole file between position and limit; not copied
   */
  public static SafetensorsFile of(String origin, ByteBuffer bytes) {
    return of(origin, new FileBytes.InMemory(bytes.slice().asReadOnlyBuffer()), bytes.remaining());
  }

  /**
   * Checks a file of a store that cannot be mapped.
   *
   * @param origin where the bytes come from, for messages
   * @param source of the bytes; closed with the file
   * @param size of the file
   */
  public static SafetensorsFile of(String origin, FileBytes source, long size) {
    return opened(origin, source, size, PART);
  }

  private static SafetensorsFile opened(String origin, FileBytes source, long size, int partBytes) {
    try {
      return read(origin, source, size, partBytes);
    } catch (IOException e) {
      throw closed(
          source, new InvalidInputException(origin + " cannot be read: " + e.getMessage(), e));
    } catch (RuntimeException e) {
      throw closed(source, e);
    }
  }

  private static SafetensorsFile read(String origin, FileBytes source, long size, int partBytes)
      throws IOException {
    if (size < SafetensorsHeader.PREFIX) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is truncated: expected at least %d bytes, found %d; get the file again",
              origin,
              SafetensorsHeader.PREFIX,
              size));
    }
    long declared =
        source.slice(0, SafetensorsHeader.PREFIX).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    int length = SafetensorsHeader.checkLength(origin, declared, size);
    long dataStart = (long) SafetensorsHeader.PREFIX + length;
    SafetensorsHeader header =
        SafetensorsHeader.parse(
            origin, source.slice(SafetensorsHeader.PREFIX, length), size - dataStart);
    return new SafetensorsFile(origin, header, dataStart, source, partBytes);
  }

  private static RuntimeException closed(FileBytes source, RuntimeException error) {
    try {
      source.close();
    } catch (IOException e) {
      error.addSuppressed(e);
    }
    return error;
  }

  /** Where the file comes from, for messages. */
  public String origin() {
    return origin;
  }

  /** The free text pairs of the header; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Tensor names in the order of the header. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  /** Element type of a tensor, without mapping it. */
  public DType dtype(String name) {
    return entry(name).dtype();
  }

  /** Dimensions of a tensor, without mapping it. */
  public long[] shape(String name) {
    return entry(name).shape().clone();
  }

  /**
   * One tensor.
   *
   * @throws InvalidInputException if the file has none of that name
   */
  public Tensor tensor(String name) {
    SafetensorsHeader.Entry entry = entry(name);
    return opened.computeIfAbsent(name, key -> map(key, entry));
  }

  private Tensor map(String name, SafetensorsHeader.Entry entry) {
    try {
      List<ByteBuffer> parts = new ArrayList<>();
      long begin = entry.begin();
      do {
        int length = (int) Math.min(partBytes, entry.end() - begin);
        parts.add(source.slice(dataStart + begin, length));
        begin += length;
      } while (begin < entry.end());
      return new Tensor(name, entry.dtype(), entry.shape().clone(), List.copyOf(parts));
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /**
   * Some bytes of a tensor, little-endian; of a file that is not mapped no others are read.
   *
   * @param from index of the first
   * @param count how many
   * @throws InvalidInputException if the file cannot be read
   */
  public ByteBuffer bytes(String name, long from, int count) {
    if (source instanceof FileBytes.Mapped) {
      return tensor(name).bytes(from, count);
    }
    SafetensorsHeader.Entry entry = entry(name);
    Objects.checkFromIndexSize(from, count, entry.end() - entry.begin());
    try {
      return source.slice(dataStart + entry.begin() + from, count).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  private InvalidInputException unreadable(String name, IOException e) {
    return new InvalidInputException(
        String.format(
            Locale.ROOT, "%s: tensor %s cannot be read: %s", origin, name, e.getMessage()),
        e);
  }

  private SafetensorsHeader.Entry entry(String name) {
    SafetensorsHeader.Entry entry = header.entries().get(name);
    if (entry == null) {
      throw new InvalidInputException(origin + " has no tensor " + name);
    }
    return entry;
  }

  /** Closes the file; tensors handed out stay readable. */
  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing " + origin, e);
    }
  }
}
