package org.uiospark.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class UnpackedInputTest {
  private static final byte[] FIRST = "the first member\n".repeat(100).getBytes(UTF_8);
  private static final byte[] SECOND = "and the second\n".repeat(100).getBytes(UTF_8);

  @ParameterizedTest
  @EnumSource(value = Compression.class, mode = Mode.EXCLUDE, names = "NONE")
  void everyMemberIsRead(Compression compression) throws IOException {
    byte[] both = joined(packed(compression, FIRST), packed(compression, SECOND));
    assertThat(unpacked(compression, both)).isEqualTo(joined(FIRST, SECOND));
  }

  /** The damage of each byte of the second member, and each of its cuts, one after the other. */
  @ParameterizedTest
  @EnumSource(value = Compression.class, mode = Mode.EXCLUDE, names = "NONE")
  void noDamageToALaterMemberIsTakenForTheEnd(Compression compression) throws IOException {
    byte[] first = packed(compression, FIRST);
    byte[] second = packed(compression, SECOND);
    for (int cut = 1; cut < second.length; cut++) {
      byte[] file = joined(first, Arrays.copyOf(second, cut));
      assertThatThrownBy(() -> unpacked(compression, file))
          .isInstanceOf(SpoiledFileException.class)
          .hasMessageContaining("damaged " + compression.title() + " file");
    }
    for (int at = 0; at < second.length; at++) {
      byte[] file = joined(first, second);
      file[first.length + at] ^= 0x15;
      try {
        // Some bytes of a header say nothing about the content.
        assertThat(unpacked(compression, file)).isEqualTo(joined(FIRST, SECOND));
      } catch (SpoiledFileException e) {
        assertThat(e).hasMessageContaining("damaged " + compression.title() + " file");
      }
    }
  }

  @Test
  void zerosMayFollowAGzipFileAndNothingElse() throws IOException {
    byte[] whole = packed(Compression.GZIP, FIRST);
    byte[] padded = Arrays.copyOf(whole, whole.length + 1000);
    assertThat(unpacked(Compression.GZIP, padded)).isEqualTo(FIRST);
    padded[whole.length + 700] = 1;
    assertThatThrownBy(() -> unpacked(Compression.GZIP, padded))
        .isInstanceOf(SpoiledFileException.class);
    assertThatThrownBy(() -> unpacked(Compression.GZIP, joined(whole, "more".getBytes(UTF_8))))
        .isInstanceOf(SpoiledFileException.class);
  }

  @ParameterizedTest
  @EnumSource(value = Compression.class, mode = Mode.EXCLUDE, names = "NONE")
  void aBrokenConnectionIsNoDamage(Compression compression) throws IOException {
    byte[] file = packed(compression, FIRST);
    for (int at = 0; at < file.length; at++) {
      Silent broken = new Silent(file, at);
      assertThatThrownBy(() -> new UnpackedInput("x", compression, broken).readAllBytes())
          .isExactlyInstanceOf(IOException.class)
          .hasMessage("the connection broke");
    }
  }

  private static byte[] unpacked(Compression compression, byte[] file) throws IOException {
    try (InputStream in =
        new UnpackedInput("x", compression, new Silent(file, Integer.MAX_VALUE))) {
      return in.readAllBytes();
    }
  }

  private static byte[] packed(Compression compression, byte[] content) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (compression) {
          case NONE -> file;
          case GZIP -> new GZIPOutputStream(file);
          case BZIP2 -> new BZip2CompressorOutputStream(file);
          case ZSTD -> new ZstdOutputStream(file).setChecksum(true);
        }) {
      out.write(content);
    }
    return file.toByteArray();
  }

  private static byte[] joined(byte[] left, byte[] right) {
    byte[] both = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, both, left.length, right.length);
    return both;
  }

  /** A stream that never says that anything is available, and may break. */
  private static final class Silent extends InputStream {
    private final ByteArrayInputStream bytes;
    private int left;

    private Silent(byte[] file, int breaks) {
      bytes = new ByteArrayInputStream(file);
      left = breaks;
    }

    @Override
    public int read() throws IOException {
      if (left-- <= 0) {
        throw new IOException("the connection broke");
      }
      return bytes.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int one = read();
      if (one >= 0) {
        into[offset] = (byte) one;
      }
      return one < 0 ? -1 : 1;
    }
  }
}
