package org.uiospark.data.storage;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is on the disk once it is closed. A commit names files: if one of them still lay in
 * the memory of the system, a power cut would leave the name without the content.
 */
final class SyncedOutput extends NamedOutput {
  private final Work sync;
  private boolean closed;

  /**
   * @param name of the file, for messages
   * @param sync brings to the disk what the stream was given
   */
  SyncedOutput(String name, OutputStream file, Work sync) {
    super(name, file);
    this.sync = sync;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    named(
        () -> {
          try (OutputStream file = out) {
            file.flush();
            sync.run();
          }
        });
  }
}
