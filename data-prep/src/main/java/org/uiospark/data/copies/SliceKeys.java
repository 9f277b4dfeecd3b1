package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.uiospark.data.commit.DocumentKey;

/** What a first reading of a slice found: a key and maybe a signature for each document. */
public final class SliceKeys implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final byte[] NONE = new byte[MinHash.SIZE];

  private final int slice;
  private long[] keys = new long[2];
  private byte[] signatures = new byte[0];
  private int documents;

  /**
   * Has no document yet.
   *
   * @param slice its number in the input
   */
  public SliceKeys(int slice) {
    this.slice = slice;
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

  int documents() {
    return documents;
  }

  /** Where each document stands, under its key. */
  Iterator<Occurrence> occurrences() {
    return IntStream.range(0, documents)
        .mapToObj(i -> new Occurrence(keys[2 * i], keys[2 * i + 1], slice, i))
        .iterator();
  }

  /** The signature of a document; all zeros where it has none. */
  byte[] signature(int document) {
    int start = Math.min(document * MinHash.SIZE, signatures.length);
    return Arrays.copyOfRange(signatures, start, start + MinHash.SIZE);
  }

  /** Whether a document has a signature. */
  static boolean isSigned(byte[] signature) {
    return !Arrays.equals(signature, NONE);
  }
}
