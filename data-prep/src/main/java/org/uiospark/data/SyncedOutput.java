package org.uiospark.data;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is on the disk once it is closed. A commit names files: if one of them still lay in
 * the memory of the system, a power cut would leave the name without the content.
 */
final class SyncedOutput extends FilterOutputStream {
  private final Sync sync;
  private boolean closed;

  /** Brings to the disk what the stream was given. */
  interface Sync {
    void run() throws IOException;
  }

  SyncedOutput(OutputStream file, Sync sync) {
    super(file);
    this.sync = sync;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    out.write(from, offset, length);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (OutputStream file = out) {
      file.flush();
      sync.run();
    }
  }
}
