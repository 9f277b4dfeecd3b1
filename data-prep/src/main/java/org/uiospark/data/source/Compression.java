package org.uiospark.data.source;

import com.github.luben.zstd.ZstdInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;

/** How the bytes of a file are packed. */
enum Compression {
  NONE("", "") {
    @Override
    InputStream open(InputStream packed) {
      return packed;
    }
  },
  GZIP(".gz", "gzip") {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new GzipMembers(packed);
    }
  },
  BZIP2(".bz2", "bzip2") {
    @Override
    InputStream open(InputStream packed) throws IOException {
      return new BZip2CompressorInputStream(packed, true);
    }
  },
  ZSTD(".zst", "Zstandard") {
    @Override
    InputStream open(InputStream packed) throws IOException {
      PushbackInputStream in = new PushbackInputStream(packed);
      int first = in.read();
      if (first < 0) {
        // The library would take an empty file for one of no frames.
        throw new EOFException();
      }
      in.unread(first);
      return new ZstdInputStream(in);
    }
  };

  private final String ending;
  private final String title;

  Compression(String ending, String title) {
    this.ending = ending;
    this.title = title;
  }

  /** The compression of a file, by its name in small letters. */
  static Compression of(String name) {
    for (Compression each : values()) {
      if (each != NONE && name.endsWith(each.ending)) {
        return each;
      }
    }
    return NONE;
  }

  /** The ending of its files; empty for {@link #NONE}. */
  String ending() {
    return ending;
  }

  /** Its name, for messages. */
  String title() {
    return title;
  }

  /** Unpacks every member or frame, to the last byte of the file. */
  abstract InputStream open(InputStream packed) throws IOException;
}
