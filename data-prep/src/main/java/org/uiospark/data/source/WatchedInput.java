package org.uiospark.data.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a file as they come. It tells a file that cannot be read now, which Spark reads
 * again elsewhere, from one that was read and is damaged: its readers throw the same exceptions for
 * both.
 */
final class WatchedInput extends FilterInputStream {
  private IOException failure;

  WatchedInput(InputStream in) {
    super(in);
  }

  /** Throws what has kept bytes from coming, if anything has. */
  void check() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  IOException failed(IOException e) {
    failure = e;
    return e;
  }

  @Override
  public int read() throws IOException {
    try {
      return in.read();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      return in.read(into, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
