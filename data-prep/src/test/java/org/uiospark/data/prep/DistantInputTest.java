package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.data.source.json.LineStream;
import org.uiospark.model.input.NodeFailureException;

/** Input that comes over a network: what is asked for has its price, and may not come. */
class DistantInputTest {
  private static final Configuration HADOOP = new Configuration();

  static {
    HADOOP.set("fs.store.impl", Store.class.getName());
  }

  @TempDir Path folder;

  @BeforeEach
  void connect() {
    Store.sent = 0;
    Store.broken = false;
  }

  @Test
  void whatLiesBeforeASliceIsNotFetched() throws IOException {
    Path file = Files.writeString(folder.resolve("x.jsonl"), "a line\n".repeat(1_000_000));
    Slice slice = new Slice("store://" + file, 6_999_993, 7_000_000, 0);
    try (InputStream in = SourceReader.open(slice, HADOOP)) {
      LineStream lines = SourceReader.lineStream(in, slice);
      assertThat(lines.position()).isEqualTo(slice.start());
      assertThat(lines.next()).isEqualTo("a line".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Store.sent).isEqualTo(8);
  }

  @Test
  void aConnectionThatBreaksDoesNotMakeAFileNoGzipFile() throws IOException {
    Path file = Files.writeString(folder.resolve("x.txt.gz"), "no gzip");
    Slice slice = new Slice("store://" + file, 0, Files.size(file), 0);
    assertThatThrownBy(() -> SourceReader.open(slice, HADOOP).close())
        .isInstanceOf(SpoiledFileException.class)
        .hasMessageStartingWith("not a gzip file");
    Store.broken = true;
    assertThatThrownBy(() -> SourceReader.open(slice, HADOOP).close())
        .isInstanceOf(IOException.class)
        .hasMessage("the connection broke");
  }

  @Test
  void aFileThatIsGoneIsTriedElsewhereBeforeTheUserIsTold() {
    Slice slice = new Slice("store://" + folder + "/gone.jsonl", 0, 9, 0);
    assertThatThrownBy(() -> SourceReader.open(slice, HADOOP))
        .isInstanceOf(NodeFailureException.class)
        .hasMessageContaining("gone.jsonl was listed and cannot be opened");
  }

  /** Files of this machine, as an object store gives them: it reads what it skips. */
  public static final class Store extends RawLocalFileSystem {
    private static volatile long sent;
    private static volatile boolean broken;

    @Override
    public URI getUri() {
      return URI.create("store:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int bufferSize)
        throws IOException {
      return new FSDataInputStream(new Download(super.open(path, bufferSize)));
    }
  }

  private static final class Download extends FSInputStream {
    private final FSDataInputStream file;

    private Download(FSDataInputStream file) {
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (Store.broken) {
        throw new IOException("the connection broke");
      }
      int read = file.read(into, offset, length);
      Store.sent += Math.max(0, read);
      return read;
    }

    @Override
    public void seek(long position) throws IOException {
      file.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return file.getPos();
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
