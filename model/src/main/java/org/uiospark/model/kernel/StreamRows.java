package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys and values that streams, texts that are continued together, have for themselves: a slot
 * each, behind a bank that several may share. The next token of all of them is one pass of the
 * decoder.
 *
 * <p>Every slot has the rows that the longest stream needs, and a quarter more. One thread at a
 * time.
 */
public final class StreamRows implements AutoCloseable {
  /** Rows of room at the least, and what room is a multiple of. */
  private static final int ROWS = 16;

  private final MemoryModel model;
  private NDManager manager;
  private NDList keys = new NDList();
  private NDList values = new NDList();
  private int slots;
  private int capacity;

  /**
   * Where a stream stands.
   *
   * @param bank what it sees first
   * @param behind how many of its rows
   * @param shared how many of those, the last ones, are of tokens; the others are memories
   * @param memories rows of its slot that are memories too, and none if tokens are shared
   * @param tokens rows behind those, of tokens
   */
  public record Place(MemoryBank bank, int behind, int shared, int memories, int tokens) {
    int rows() {
      return memories + tokens;
    }
  }

  /** Streams that see the same rows of a bank, by their slots. */
  private record Group(Place place, List<Integer> members) {
    boolean sees(Place other) {
      return place.bank() == other.bank() && place.behind() == other.behind();
    }
  }

  /** Without any room. */
  public StreamRows(MemoryModel model) {
    this.model = model;
    this.manager = model.base().newManager();
  }

  /**
   * Makes room.
   *
   * @param wantedSlots from the first on
   * @param wantedRows of each
   */
  public void require(int wantedSlots, int wantedRows) {
    if (wantedSlots <= slots && wantedRows <= capacity) {
      return;
    }
    int more = wantedRows <= capacity ? capacity : wantedRows + Math.max(ROWS, wantedRows / 4);
    int rows = (more + ROWS - 1) / ROWS * ROWS;
    int places = wantedSlots <= slots ? slots : Math.max(wantedSlots, 2 * slots);
    NDManager larger = model.base().newManager();
    NDList room;
    try {
      room = larger(larger, places, rows);
    } catch (RuntimeException e) {
      larger.close();
      throw e;
    }
    manager.close();
    manager = larger;
    keys = MemoryBank.keys(room);
    values = MemoryBank.values(room);
    slots = places;
    capacity = rows;
  }

  /** Room for more, with all that there is. */
  private NDList larger(NDManager owner, int places, int rows) {
    NDArray sizes = KernelCall.onHost(owner, places, rows);
    NDList room = model.kernels().run(new KernelCall.NewSlots(sizes, model.base().weights()));
    if (slots > 0) {
      try (NDManager scratch = owner.newSubManager()) {
        model
            .kernels()
            .run(new KernelCall.CopySlots(all(scratch), KernelCall.views(room, scratch)));
      }
    }
    return room;
  }

  private NDList all(NDManager scratch) {
    return KernelCall.views(new NDList(keys).addAll(values), scratch);
  }

  /**
   * Copies rows of a bank.
   *
   * @param from the first of them
   * @param at the row of the slot that it becomes
   */
  public void fill(MemoryBank bank, int from, int rows, int slot, int at) {
    try (NDManager scratch = manager.newSubManager()) {
      model
          .kernels()
          .run(
              new KernelCall.FillSlot(
                  KernelCall.scalar(scratch, from),
                  KernelCall.scalar(scratch, rows),
                  KernelCall.scalar(scratch, slot),
                  KernelCall.scalar(scratch, at),
                  KernelCall.views(bank.keysAndValues(), scratch),
                  all(scratch)));
    }
  }

  /** Copies the first rows of one slot to another. */
  public void move(int from, int rows, int to) {
    try (NDManager scratch = manager.newSubManager()) {
      model
          .kernels()
          .run(
              new KernelCall.MoveSlot(
                  KernelCall.scalar(scratch, from),
                  KernelCall.scalar(scratch, rows),
                  KernelCall.scalar(scratch, to),
                  all(scratch)));
    }
  }

  /**
   * Reads a token of each stream, whose rows are added to the slots.
   *
   * @param tokens of the streams from slot 0 on
   * @param places where each stood before
   * @return logits of the token after it, {@code [V]} each
   */
  public float[][] next(int[] tokens, List<Place> places) {
    // Where the angles of all rows follow from their number, streams share none of them.
    boolean apart = model.base().config().rotary().scaling().constantUpTo() < Integer.MAX_VALUE;
    int atOnce = apart ? 1 : tokens.length;
    int vocabulary = model.base().config().vocabSize();
    float[][] each = new float[tokens.length][vocabulary];
    for (int first = 0; first < tokens.length; first += atOnce) {
      try (NDManager scratch = model.base().newManager()) {
        float[] logits = decode(scratch, tokens, places, first, atOnce).toFloatArray();
        for (int i = 0; i < atOnce; i++) {
          System.arraycopy(logits, i * vocabulary, each[first + i], 0, vocabulary);
        }
      }
    }
    return each;
  }

  private NDArray decode(
      NDManager scratch, int[] tokens, List<Place> places, int first, int count) {
    List<Group> groups = groups(places.subList(first, first + count));
    int[] order =
        groups.stream().flatMap(group -> group.members().stream()).mapToInt(i -> i).toArray();
    long[] streams = new long[5 * count];
    int rows = 0;
    int reach = 0;
    for (int i = 0; i < count; i++) {
      Place place = places.get(first + i);
      streams[i] = tokens[first + i];
      streams[count + i] = place.rows();
      streams[2 * count + i] = place.behind() + place.rows();
      streams[3 * count + i] = order[i];
      streams[4 * count + order[i]] = i;
      rows = Math.max(rows, place.rows() + 1);
      reach = Math.max(reach, place.behind() + place.rows() + 1);
    }
    KernelCall.Bank bank = banks(groups, places.get(first), reach);
    return model
        .kernels()
        .run(
            new KernelCall.DecodeStreams(
                scratch.create(LongBuffer.wrap(streams), new Shape(5, count), DataType.INT64),
                KernelCall.onHost(scratch, described(groups, first, rows)),
                bank,
                keys,
                values,
                model.base().weights()))
        .head();
  }

  /** In the order of their first streams. */
  private static List<Group> groups(List<Place> places) {
    List<Group> groups = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      Group group = groups.stream().filter(each -> each.sees(place)).findFirst().orElse(null);
      if (group == null) {
        group = new Group(place, new ArrayList<>());
        groups.add(group);
      }
      group.members().add(i);
    }
    return groups;
  }

  private static long[] described(List<Group> groups, int first, int rows) {
    return IntStream.concat(
            IntStream.of(first, rows),
            groups.stream()
                .flatMapToInt(
                    group -> IntStream.of(group.members().size(), group.place().behind())))
        .asLongStream()
        .toArray();
  }

  /** The banks of the groups; the angles are those of one stream, or the same for all. */
  private KernelCall.Bank banks(List<Group> groups, Place one, int reach) {
    NDList bankKeys = new NDList();
    NDList bankValues = new NDList();
    for (Group group : groups) {
      NDList both = group.place().bank().keysAndValues();
      bankKeys.addAll(MemoryBank.keys(both));
      bankValues.addAll(MemoryBank.values(both));
    }
    int memories = one.behind() - one.shared() + one.memories();
    return new KernelCall.Bank(
        bankKeys,
        bankValues,
        one.bank()
            .positions(memories, Math.max(one.shared() + one.tokens() + 1, reach - memories)));
  }

  @Override
  public void close() {
    manager.close();
  }
}
