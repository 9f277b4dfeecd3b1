package org.uiospark.data.prep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.uiospark.data.source.Slice;

/** The input of one output file. */
record Shard(int index, ArrayList<Slice> slices) implements Serializable {
  /** Packs neighbours up to the given number of bytes: the input alone decides. */
  static List<Shard> pack(List<Slice> slices, long shardBytes) {
    List<Shard> shards = new ArrayList<>();
    ArrayList<Slice> open = new ArrayList<>();
    long bytes = 0;
    for (Slice slice : slices) {
      if (!open.isEmpty() && bytes + slice.bytes() > shardBytes) {
        shards.add(new Shard(shards.size(), open));
        open = new ArrayList<>();
        bytes = 0;
      }
      open.add(slice);
      bytes += slice.bytes();
    }
    if (!open.isEmpty()) {
      shards.add(new Shard(shards.size(), open));
    }
    return shards;
  }

  /** What is left of it without some files. */
  Shard without(Set<String> paths) {
    ArrayList<Slice> kept = new ArrayList<>(slices);
    kept.removeIf(slice -> paths.contains(slice.path()));
    return new Shard(index, kept);
  }

  boolean holdsAny(Set<String> paths) {
    return slices.stream().anyMatch(slice -> paths.contains(slice.path()));
  }

  long bytes() {
    return slices.stream().mapToLong(Slice::bytes).sum();
  }
}
