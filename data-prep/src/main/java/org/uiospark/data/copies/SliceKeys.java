package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.uiospark.data.commit.DocumentKey;

/**
 * What a first reading of a slice found: a key and maybe a signature for each document. A page
 * holds so many of them; the next ones of a long slice are in further pages.
 */
public final class SliceKeys implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Documents of a page: 256 KB of keys, and 2 MB of signatures. */
  private static final int PAGE = 1 << 14;

  private static final byte[] NONE = new byte[MinHash.SIZE];

  private final int slice;
  private final int first;
  private long[] keys = new long[2];
  private byte[] signatures = new byte[0];
  private int documents;

  private SliceKeys(int slice, int first) {
    this.slice = slice;
    this.first = first;
  }

  /**
   * The first page of a slice, with no document yet.
   *
   * @param slice its number in the input
   */
  public static SliceKeys of(int slice) {
    return new SliceKeys(slice, 0);
  }

  /** The page behind this one. */
  public SliceKeys next() {
    return new SliceKeys(slice, end());
  }

  /** Whether the next document belongs to the next page. */
  public boolean isFull() {
    return documents == PAGE;
  }

  /** The number of the slice in the input. */
  public int slice() {
    return slice;
  }

  /**
   * Adds the next document.
   *
   * @param signature empty where no texts are compared, or the text has no word
   */
  public void add(DocumentKey key, byte[] signature) {
    if (keys.length < 2 * documents + 2) {
      keys = Arrays.copyOf(keys, 2 * keys.length);
    }
    keys[2 * documents] = key.high();
    keys[2 * documents + 1] = key.low();
    if (signature.length > 0) {
      int end = (documents + 1) * MinHash.SIZE;
      if (signatures.length < end) {
        signatures = Arrays.copyOf(signatures, Math.max(end, 2 * signatures.length));
      }
      System.arraycopy(signature, 0, signatures, end - MinHash.SIZE, MinHash.SIZE);
    }
    documents++;
  }

  /** Documents of the slice up to the end of this page. */
  int end() {
    return first + documents;
  }

  /** Documents of this page. */
  int documents() {
    return documents;
  }

  /** The place in the slice of a document of this page. */
  int place(int document) {
    return first + document;
  }

  /** Where each document stands, under its key. */
  Iterator<Occurrence> occurrences() {
    return IntStream.range(0, documents)
        .mapToObj(i -> new Occurrence(keys[2 * i], keys[2 * i + 1], slice, place(i)))
        .iterator();
  }

  /** The signature of a document of this page; all zeros where it has none. */
  byte[] signature(int document) {
    int start = Math.min(document * MinHash.SIZE, signatures.length);
    return Arrays.copyOfRange(signatures, start, start + MinHash.SIZE);
  }

  /** Whether a document has a signature. */
  static boolean isSigned(byte[] signature) {
    return !Arrays.equals(signature, NONE);
  }
}
