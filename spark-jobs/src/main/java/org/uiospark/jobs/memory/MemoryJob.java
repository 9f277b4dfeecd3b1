package org.uiospark.jobs.memory;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.data.commit.ListedText;
import org.uiospark.jobs.memory.MemoryTask.Encoded;
import org.uiospark.jobs.memory.MemoryTask.Parts;
import org.uiospark.jobs.memory.MemoryWork.Piece;
import org.uiospark.jobs.task.TaskAnswer;

/**
 * The Spark job that memorizes some texts. Memories are independent, so the segments of a long text
 * are encoded by many tasks, and a task encodes many short texts; what a task computes follows from
 * the texts alone.
 */
final class MemoryJob {
  /** Segments of a piece at most: a sequence of prep holds as many. */
  static final int PIECE = 16;

  /** Segments of a task, about: more than one piece where texts are short. */
  private static final int TASK = 32;

  private final JavaSparkContext spark;
  private final MemoryTask task;
  private final int pieceSegments;

  /** What one Spark task gets. */
  private record Load<T extends Serializable>(ArrayList<T> items) implements Serializable {}

  /**
   * @param pieceSegments that are encoded as one piece, {@link #PIECE} at most
   */
  MemoryJob(JavaSparkContext spark, MemoryTask task, int pieceSegments) {
    this.spark = spark;
    this.task = task;
    this.pieceSegments = pieceSegments;
  }

  /**
   * How much of some texts is known.
   *
   * @param known memory files by the first segment of their texts
   */
  List<MemoryWork> compare(List<ListedText> texts, HashMap<String, ArrayList<String>> known) {
    if (known.isEmpty()) {
      return texts.stream().map(text -> new MemoryWork(text, "", 0, segments(text))).toList();
    }
    MemoryTask sent = task;
    Broadcast<HashMap<String, ArrayList<String>>> files = spark.broadcast(known);
    try {
      return each(texts, text -> segments(text) + 1, text -> sent.compare(text, files.value()));
    } finally {
      files.destroy();
    }
  }

  private int segments(ListedText text) {
    return Math.toIntExact(text.tokens() / task.origin().segmentLength());
  }

  /** Writes the memory files of some texts; their entries come in the order of the texts. */
  List<MemoryEntry> memorize(List<MemoryWork> texts) {
    MemoryTask sent = task;
    List<Piece> pieces =
        texts.stream().flatMap(text -> text.pieces(pieceSegments).stream()).toList();
    List<Encoded> encoded =
        each(pieces, piece -> piece.to() - piece.from(), piece -> sent.encode(piece));
    List<MemoryEntry> entries = new ArrayList<>();
    List<Parts> parts = new ArrayList<>();
    int next = 0;
    for (MemoryWork text : texts) {
      Parts of = new Parts(text, new ArrayList<>(), new ArrayList<>());
      MemoryEntry whole = null;
      for (; next < pieces.size() && pieces.get(next).work().equals(text); next++) {
        whole = encoded.get(next).entry();
        of.pieces().add(pieces.get(next));
        of.paths().add(encoded.get(next).path());
      }
      entries.add(whole);
      if (whole == null) {
        parts.add(of);
      }
    }
    List<MemoryEntry> joined = each(parts, of -> of.work().segments() + 1, of -> sent.join(of));
    int place = 0;
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) == null) {
        entries.set(i, joined.get(place++));
      }
    }
    return entries;
  }

  private interface Work<I, O> extends Serializable {
    O of(I item);
  }

  /** What comes of each item, in their order; tasks get neighbours, about as many segments each. */
  private <I extends Serializable, O extends Serializable> List<O> each(
      List<I> items, ToIntFunction<I> segments, Work<I, O> work) {
    if (items.isEmpty()) {
      return List.of();
    }
    List<Load<I>> loads = new ArrayList<>();
    int held = TASK;
    for (I item : items) {
      int size = segments.applyAsInt(item);
      if (held + size > TASK) {
        loads.add(new Load<>(new ArrayList<>()));
        held = 0;
      }
      loads.get(loads.size() - 1).items().add(item);
      held += size;
    }
    List<O> results = new ArrayList<>();
    spark
        .parallelize(loads, loads.size())
        .map(load -> TaskAnswer.of(() -> results(load, work)))
        .collect()
        .forEach(answer -> results.addAll(answer.orRefuse()));
    return results;
  }

  private static <I extends Serializable, O extends Serializable> ArrayList<O> results(
      Load<I> load, Work<I, O> work) {
    ArrayList<O> results = new ArrayList<>();
    load.items().forEach(item -> results.add(work.of(item)));
    return results;
  }
}
