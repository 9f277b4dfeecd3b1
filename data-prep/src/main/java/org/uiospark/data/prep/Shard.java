package org.uiospark.data.prep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.uiospark.data.source.Slice;

/** The input of one output file. */
record Shard(int index, ArrayList<Part> parts) implements Serializable {
  /** A task has the path of each of its slices at hand. */
  private static final int MOST_SLICES = 10_000;

  /**
   * A slice of the input.
   *
   * @param number its place in the input
   */
  record Part(int number, Slice slice) implements Serializable {
    private boolean isOfAny(Set<String> paths) {
      return paths.contains(slice.path());
    }
  }

  /** Packs neighbours up to the given number of bytes, or 10,000: the input alone decides. */
  static List<Shard> pack(List<Slice> slices, long shardBytes) {
    List<Shard> shards = new ArrayList<>();
    ArrayList<Part> open = new ArrayList<>();
    long bytes = 0;
    for (int number = 0; number < slices.size(); number++) {
      Slice slice = slices.get(number);
      if (!open.isEmpty() && (bytes + slice.bytes() > shardBytes || open.size() == MOST_SLICES)) {
        shards.add(new Shard(shards.size(), open));
        open = new ArrayList<>();
        bytes = 0;
      }
      open.add(new Part(number, slice));
      bytes += slice.bytes();
    }
    if (!open.isEmpty()) {
      shards.add(new Shard(shards.size(), open));
    }
    return shards;
  }

  /** What is left of it without some files. */
  Shard without(Set<String> paths) {
    ArrayList<Part> kept = new ArrayList<>(parts);
    kept.removeIf(part -> part.isOfAny(paths));
    return new Shard(index, kept);
  }

  boolean holdsAny(Set<String> paths) {
    return parts.stream().anyMatch(part -> part.isOfAny(paths));
  }

  List<Slice> slices() {
    return parts.stream().map(Part::slice).toList();
  }

  long bytes() {
    return parts.stream().mapToLong(part -> part.slice().bytes()).sum();
  }
}
