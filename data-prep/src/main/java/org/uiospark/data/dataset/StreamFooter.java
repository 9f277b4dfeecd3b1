package org.uiospark.data.dataset;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a data file, behind the Arrow stream and the sums of its blocks: the highest sums, the
 * record batches, and as its last {@value #TRAILER} bytes the counts of both and a mark. Numbers
 * are little-endian. Readers of Arrow stop where the stream ends.
 *
 * @param stream bytes of the stream
 * @param batches its record batches
 * @param top sums of the highest level of the {@link BlockTree}
 */
record StreamFooter(long stream, List<BatchStart> batches, byte[] top) {
  /** Stream, batches, sums and the mark. */
  static final int TRAILER = 24;

  private static final int BATCH = 16;
  private static final int MARK = 0x314f4955;

  /**
   * Where a record batch begins.
   *
   * @param position of its header in the stream
   * @param firstRow rows in the batches before it
   */
  record BatchStart(long position, long firstRow) {}

  /** As it is written. */
  byte[] bytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(top.length + BATCH * batches.size() + TRAILER)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(top);
    for (BatchStart batch : batches) {
      bytes.putLong(batch.position).putLong(batch.firstRow);
    }
    bytes.putLong(stream).putLong(batches.size()).putInt(top.length).putInt(MARK);
    return bytes.array();
  }

  /**
   * Bytes of the footer that ends so.
   *
   * @param end the last {@value #TRAILER} bytes of a file
   * @param rows of the file; each is in one batch
   * @throws IllegalArgumentException if no footer ends so
   */
  static int length(byte[] end, long rows) {
    ByteBuffer trailer = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
    long batches = trailer.getLong(8);
    int sums = trailer.getInt(16);
    if (trailer.getInt(20) != MARK
        || batches < 0
        || batches > rows
        || batches > (Integer.MAX_VALUE - BlockTree.BLOCK - TRAILER) / BATCH
        || sums < 0
        || sums > BlockTree.BLOCK) {
      throw new IllegalArgumentException("its end is not that of a data file");
    }
    return (int) (sums + BATCH * batches + TRAILER);
  }

  /**
   * Reads one whose {@link #length} was found.
   *
   * @param bytes all of the footer, and nothing else
   * @param size of the file
   * @throws IllegalArgumentException if its parts do not fit the file or each other
   */
  static StreamFooter parse(byte[] bytes, long size) {
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long stream = content.getLong(bytes.length - TRAILER);
    byte[] top = new byte[content.getInt(bytes.length - Long.BYTES)];
    content.get(top);
    if (stream <= 0 || stream > size) {
      throw new IllegalArgumentException("its end speaks of a stream of " + stream + " bytes");
    }
    BlockTree tree = BlockTree.over(stream);
    if (tree.sizes().get(tree.top()) != top.length
        || tree.starts().get(tree.top()) + bytes.length != size) {
      throw new IllegalArgumentException("its sums are not those of its stream");
    }
    List<BatchStart> batches = new ArrayList<>();
    long position = 0;
    long row = -1;
    while (content.remaining() > TRAILER) {
      BatchStart batch = new BatchStart(content.getLong(), content.getLong());
      if (batch.position <= position
          || batch.position >= stream
          || batch.firstRow <= row
          || batches.isEmpty() && batch.firstRow != 0) {
        throw new IllegalArgumentException("its batches are not in order");
      }
      position = batch.position;
      row = batch.firstRow;
      batches.add(batch);
    }
    return new StreamFooter(stream, List.copyOf(batches), top);
  }
}
