package org.uiospark.data.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;

/** A file whose errors name it: what a system says of a full disk is not where that is. */
public class NamedOutput extends FilterOutputStream {
  private final String name;

  /** A step of writing the file, which may fail. */
  interface Work {
    void run() throws IOException;
  }

  /**
   * @param name of the file, for messages
   */
  public NamedOutput(String name, OutputStream file) {
    super(file);
    this.name = name;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    named(() -> out.write(from, offset, length));
  }

  @Override
  public void flush() throws IOException {
    named(out::flush);
  }

  @Override
  public void close() throws IOException {
    named(super::close);
  }

  final void named(Work work) throws IOException {
    try {
      work.run();
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      FileSystemException named = new FileSystemException(name, null, e.getMessage());
      named.initCause(e);
      throw named;
    }
  }
}
