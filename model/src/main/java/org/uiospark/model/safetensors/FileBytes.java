package org.uiospark.model.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.uiospark.model.input.InvalidInputException;

/** The bytes of a file from any place in it, wherever it lies. Safe for use by many threads. */
public interface FileBytes extends AutoCloseable {
  /**
   * Some of them.
   *
   * @param begin the first
   * @param length how many; all of them are there
   */
  ByteBuffer slice(long begin, int length) throws IOException;

  @Override
  void close() throws IOException;

  /** A local file; what was handed out outlives it. */
  record Mapped(FileChannel channel) implements FileBytes {
    /**
     * Opens it.
     *
     * @throws InvalidInputException if it is missing, unreadable or no regular file
     */
    public static Mapped open(Path file) {
      if (Files.isDirectory(file)) {
        throw new InvalidInputException(file + " is a directory; name a safetensors file");
      }
      if (!Files.isRegularFile(file)) {
        // Opening a pipe would wait for ever.
        throw new InvalidInputException(
            file + (Files.exists(file) ? " is not a regular file" : " does not exist"));
      }
      try {
        return new Mapped(FileChannel.open(file, StandardOpenOption.READ));
      } catch (IOException e) {
        throw new InvalidInputException(file + " cannot be read: " + e.getMessage(), e);
      }
    }

    @Override
    public ByteBuffer slice(long begin, int length) throws IOException {
      return channel.map(FileChannel.MapMode.READ_ONLY, begin, length);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** A local file that is open only while some of it is read: there may be any number of such. */
  record OnDemand(Path file) implements FileBytes {
    @Override
    public ByteBuffer slice(long begin, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (bytes.hasRemaining()) {
          if (channel.read(bytes, begin + bytes.position()) < 0) {
            throw new IOException(file + " ends before byte " + (begin + length));
          }
        }
      }
      return bytes.flip();
    }

    @Override
    public void close() {}
  }

  /** A file that was read already. */
  record InMemory(ByteBuffer bytes) implements FileBytes {
    @Override
    public ByteBuffer slice(long begin, int length) {
      return bytes.slice(Math.toIntExact(begin), length);
    }

    @Override
    public void close() {}
  }
}
