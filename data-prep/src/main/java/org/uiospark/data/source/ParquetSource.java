package org.uiospark.data.source;

import java.io.EOFException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** An open file as the Parquet library reads one. */
final class ParquetSource implements InputFile {
  private final FSDataInputStream file;
  private final WatchedInput watched;
  private final long length;

  ParquetSource(FSDataInputStream file, long length) {
    this.file = file;
    this.watched = new WatchedInput(file);
    this.length = length;
  }

  /** Throws what has kept bytes from coming, if anything has. */
  void check() throws IOException {
    watched.check();
  }

  @Override
  public long getLength() {
    return length;
  }

  @Override
  public SeekableInputStream newStream() {
    return new DelegatingSeekableInputStream(watched) {
      @Override
      public long getPos() throws IOException {
        return file.getPos();
      }

      @Override
      public void seek(long position) throws IOException {
        try {
          file.seek(position);
        } catch (EOFException e) {
          // The file itself asks for what it does not have.
          throw e;
        } catch (IOException e) {
          throw watched.failed(e);
        }
      }
    };
  }
}
