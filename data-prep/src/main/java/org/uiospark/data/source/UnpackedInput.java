package org.uiospark.data.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** What a compressed file holds; where that is damaged, reading it says so. */
final class UnpackedInput extends InputStream {
  private final String path;
  private final Compression compression;
  private final WatchedInput packed;
  private final InputStream in;

  /**
   * @param packed closed with the stream, and if it cannot be opened
   */
  UnpackedInput(String path, Compression compression, InputStream packed) throws IOException {
    this.path = path;
    this.compression = compression;
    this.packed = new WatchedInput(packed);
    try {
      this.in = compression.open(this.packed);
    } catch (IOException | RuntimeException e) {
      packed.close();
      this.packed.check();
      throw new SpoiledFileException(
          path,
          damaged(),
          String.format(Locale.ROOT, "not a %s file; unpack or remove it", compression.title()),
          e);
    }
  }

  private String damaged() {
    return String.format(Locale.ROOT, "damaged %s file", compression.title());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      return in.read(into, offset, length);
    } catch (IOException | RuntimeException e) {
      // Some decoders throw exceptions of arrays at damaged blocks.
      packed.check();
      String why = e instanceof EOFException ? "it ends too soon" : e.getMessage();
      throw new SpoiledFileException(
          path,
          damaged(),
          String.format(Locale.ROOT, "a %s: %s; mend or remove it", damaged(), why),
          e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
