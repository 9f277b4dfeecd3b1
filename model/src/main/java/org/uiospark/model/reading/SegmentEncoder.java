package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import java.util.function.ObjIntConsumer;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;

/**
 * Encodes whole segments of a text. Memories are independent, so those of a text that is only read
 * are one batch, and any part of a text may be encoded by itself.
 */
public final class SegmentEncoder {
  /** Tokens encoded at once: products of more rows are hardly faster. */
  private static final int ENCODED = 1024;

  private final MemoryModel model;
  private final DeviceAdapter adapter;
  private final int segmentLength;

  /**
   * @param adapter stays open
   */
  public SegmentEncoder(MemoryModel model, DeviceAdapter adapter) {
    this.model = model;
    this.adapter = adapter;
    this.segmentLength = model.segments().segmentLength();
  }

  /** Segments that one call of {@link #append} takes at most. */
  int atOnce() {
    return Math.max(model.atOnce().segments(), ENCODED / segmentLength);
  }

  /** Appends the memories of some segments to a bank, whose first begins at {@code from}. */
  void append(int[] ids, int from, int segments, MemoryBank bank) {
    try (NDManager scratch = model.base().newManager()) {
      bank.append(
          model.encode(
              MemoryModel.tokens(scratch, ids, from, from + segments * segmentLength), adapter),
          adapter);
    }
  }

  /**
   * Keys and values of the memories of some segments, as many encoded at once as suits the device,
   * as {@link MemoryBank#put} takes them.
   *
   * @param from the first of them
   * @param to the one behind the last; none of them is the last of the sequence
   * @param encoded sees each memory {@code [L, m, D]} while it lives, and its segment
   */
  public byte[] encode(SegmentReader reader, int from, int to, ObjIntConsumer<NDArray> encoded) {
    if (from == to) {
      return new byte[0];
    }
    int memoryTokens = model.segments().memoryTokens();
    try (MemoryBank bank = model.bank(from * memoryTokens, (to - from) * memoryTokens)) {
      int most = model.atOnce().segments();
      for (int s = from; s < to; s += most) {
        int end = Math.min(s + most, to);
        try (NDManager scratch = model.base().newManager()) {
          NDArray memories =
              model.encode(reader.idsFrom(scratch, reader.start(s), end - 1), adapter);
          bank.append(memories, adapter);
          for (int each = s; each < end; each++) {
            int row = (each - s) * memoryTokens;
            NDIndex rows = new NDIndex().addAllDim().addSliceDim(row, row + memoryTokens);
            encoded.accept(memories.get(rows), each);
          }
        }
      }
      return bank.bytes(0, bank.rows());
    }
  }

  /**
   * Keys and values of the memories of a part of a text, as {@link MemoryReader#put} takes them.
   *
   * @param first segment of the text that is the first one here
   * @param ids tokens of whole segments
   */
  public byte[] encode(int first, int[] ids) {
    int memoryTokens = model.segments().memoryTokens();
    int segments = ids.length / segmentLength;
    try (MemoryBank bank = model.bank(first * memoryTokens, segments * memoryTokens)) {
      for (int s = 0; s < segments; s += atOnce()) {
        append(ids, s * segmentLength, Math.min(atOnce(), segments - s), bank);
      }
      return bank.bytes(0, bank.rows());
    }
  }

  /**
   * The same with each segment by itself: products of other sizes may differ in their last digits,
   * so only then has a segment the same bits whatever stands beside it.
   */
  public byte[] encodeEach(int first, int[] ids) {
    if (ids.length == 0) {
      return new byte[0];
    }
    int memoryTokens = model.segments().memoryTokens();
    int segments = ids.length / segmentLength;
    try (MemoryBank bank = model.bank(first * memoryTokens, segments * memoryTokens)) {
      for (int s = 0; s < segments; s++) {
        append(ids, s * segmentLength, 1, bank);
      }
      return bank.bytes(0, bank.rows());
    }
  }
}
