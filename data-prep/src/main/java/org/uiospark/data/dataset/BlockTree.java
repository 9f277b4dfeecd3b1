package org.uiospark.data.dataset;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the sums of a stream lie: of every {@value #BLOCK} bytes the first {@value #SUM} bytes of
 * their SHA-256, behind the stream; the same of those, and so on, up to a level of one block.
 *
 * @param sizes bytes of each level; level 0 is the stream itself
 * @param starts where in the file each level begins
 */
record BlockTree(List<Long> sizes, List<Long> starts) {
  /** Bytes; a row of 8,192 tokens is 32 of them. */
  static final int BLOCK = 1024;

  static final int SUM = 16;

  /** The tree over a stream of that many bytes, at least one. */
  static BlockTree over(long stream) {
    List<Long> sizes = new ArrayList<>(List.of(stream));
    List<Long> starts = new ArrayList<>(List.of(0L));
    for (long size = stream; sizes.size() < 2 || size > BLOCK; ) {
      starts.add(starts.get(starts.size() - 1) + size);
      size = blocks(size) * SUM;
      sizes.add(size);
    }
    return new BlockTree(List.copyOf(sizes), List.copyOf(starts));
  }

  private static long blocks(long bytes) {
    return (bytes + BLOCK - 1) / BLOCK;
  }

  /**
   * A block of the tree.
   *
   * @param level 0 for one of the stream
   * @param index in its level
   */
  record Block(int level, long index) {
    /** The block that holds its sum. */
    Block parent() {
      return new Block(level + 1, index * SUM / BLOCK);
    }

    /** Where its sum lies in the block that holds it. */
    int place() {
      return (int) (index * SUM % BLOCK);
    }
  }

  /** The highest level, of one block. */
  int top() {
    return sizes.size() - 1;
  }

  /** Where a block begins in the file. */
  long start(Block block) {
    return starts.get(block.level) + block.index * BLOCK;
  }

  /** Bytes of a block; the last one of a level may be short. */
  int length(Block block) {
    return (int) Math.min(BLOCK, sizes.get(block.level) - block.index * BLOCK);
  }
}
