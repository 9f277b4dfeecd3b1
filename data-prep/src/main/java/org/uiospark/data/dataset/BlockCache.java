package org.uiospark.data.dataset;

import java.util.LinkedHashMap;
import java.util.Map;

/** Blocks of remote files that were read last, up to a number of bytes. */
final class BlockCache {
  /** Bytes of the JVM for a block besides its content. */
  private static final int OVERHEAD = 128;

  private final long most;
  private final LinkedHashMap<Key, byte[]> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private long held;

  /** A block of one file. */
  private record Key(Object file, BlockTree.Block block) {}

  /**
   * @param most bytes that it holds
   */
  BlockCache(long most) {
    this.most = most;
  }

  /** A block; null if it is not here. */
  synchronized byte[] get(Object file, BlockTree.Block block) {
    return blocks.get(new Key(file, block));
  }

  /** Adds blocks of a file, and lets go of those that were not asked for the longest. */
  synchronized void put(Object file, Map<BlockTree.Block, byte[]> added) {
    added.forEach(
        (block, content) -> {
          if (blocks.put(new Key(file, block), content) == null) {
            held += content.length + OVERHEAD;
          }
        });
    var oldest = blocks.values().iterator();
    while (held > most && oldest.hasNext()) {
      held -= oldest.next().length + OVERHEAD;
      oldest.remove();
    }
  }

  /** Bytes that it holds now. */
  synchronized long held() {
    return held;
  }
}
