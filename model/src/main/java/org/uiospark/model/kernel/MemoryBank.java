package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * Keys and values of one sequence, for each layer {@code [G, capacity, d]}, filled in place: those
 * of its memories from row 0 on, then those of tokens that are appended themselves. Keys are
 * rotated once, for a memory's position never changes; but where the angles depend on the number of
 * rows, they are rotated whenever they are read.
 *
 * <p>One thread at a time; but any number may each have a {@link #view} and decode behind the rows
 * that are there.
 */
public final class MemoryBank implements AutoCloseable {
  private final MemoryModel model;
  private final NDManager manager;
  private final NDList keys;
  private final NDList values;
  private final boolean view;
  private final int first;
  private final int capacity;
  private int rows;
  private int memories;
  private RotaryTable table;

  /** The rows of that table from the first one here on. */
  private RotaryTable positions;

  private NDManager grownManager;
  private RotaryTable grown;

  /**
   * @param first position of row 0
   * @param capacity rows for all memories and, behind them, for tokens that are appended
   */
  MemoryBank(MemoryModel model, int first, int capacity) {
    this.model = model;
    this.first = first;
    this.capacity = capacity;
    this.manager = model.base().newManager();
    NDList room =
        model
            .kernels()
            .run(
                new KernelCall.NewBank(
                    KernelCall.scalar(manager, capacity), model.base().weights()));
    this.keys = keys(room);
    this.values = values(room);
    this.view = false;
  }

  private MemoryBank(MemoryBank whole) {
    this.model = whole.model;
    this.first = whole.first;
    this.capacity = whole.capacity;
    this.manager = model.base().newManager();
    this.keys = whole.keys;
    this.values = whole.values;
    this.view = true;
  }

  /**
   * A view that decodes without writing to the bank, at first behind none of its rows. It must be
   * closed before the bank is.
   */
  public MemoryBank view() {
    return new MemoryBank(this);
  }

  /** Decodes behind the first rows from now on, which are there and are memories. */
  public void stand(int behind) {
    rows = behind;
    memories = behind;
  }

  private void requireOwn() {
    if (view) {
      throw new IllegalStateException("others read this bank: a view does not write to it");
    }
  }

  static NDList keys(NDList keysThenValues) {
    return keysThenValues.subNDList(0, keysThenValues.size() / 2);
  }

  static NDList values(NDList keysThenValues) {
    return keysThenValues.subNDList(keysThenValues.size() / 2);
  }

  /** Rows filled so far. */
  public int rows() {
    return rows;
  }

  /** Rows there is room for. */
  public int capacity() {
    return capacity;
  }

  /** Runs the transfer head on memories {@code [L, M, D]} and appends their keys and values. */
  public void append(NDArray memory, DeviceAdapter adapter) {
    requireOwn();
    int more = Math.toIntExact(memory.getShape().get(1));
    model
        .kernels()
        .run(
            new KernelCall.TransferMemory(
                memory,
                KernelCall.scalar(memory.getManager(), rows),
                // Where angles depend on the rows, keys are turned later.
                new KernelCall.Bank(keys, values, constantPositions(rows + more)),
                model.base().weights(),
                adapter.tensors()));
    rows += more;
    memories = rows;
  }

  /**
   * Appends the keys and values of tokens themselves (generation).
   *
   * @param ids {@code [n]}
   * @return logits of the token after the last, {@code [V]}
   */
  public NDArray extend(NDArray ids) {
    requireOwn();
    NDArray logits =
        model
            .kernels()
            .run(
                new KernelCall.DecodeNext(
                    ids,
                    KernelCall.scalar(ids.getManager(), rows),
                    forTokens(ids),
                    model.base().weights()))
            .head();
    rows += Math.toIntExact(ids.size());
    return logits;
  }

  /**
   * Appends the keys and values of {@code <repeat>}, and behind it of tokens but the last
   * (auto-encoding).
   *
   * @param ids {@code [n]}
   * @return logits of each of them behind {@code <repeat>} and those before it, {@code [n, V]}
   */
  public NDArray repeat(NDArray ids, DeviceAdapter adapter) {
    requireOwn();
    NDArray logits =
        model
            .kernels()
            .run(
                new KernelCall.RepeatLogits(
                    ids,
                    KernelCall.scalar(ids.getManager(), rows),
                    forTokens(ids),
                    model.base().weights(),
                    adapter.tensors()))
            .head();
    rows += Math.toIntExact(ids.size());
    return logits;
  }

  /**
   * Appends the keys and values of tokens themselves (the teacher of distillation).
   *
   * @param ids {@code [n]}
   * @param last how many tokens from the end are asked for
   * @return what the decoder makes of those, {@code [1, last, D]} before the final norm
   */
  public NDArray hidden(NDArray ids, int last) {
    requireOwn();
    NDManager scratch = ids.getManager();
    NDArray hidden =
        model
            .kernels()
            .run(
                new KernelCall.DecodeHidden(
                    ids,
                    KernelCall.scalar(scratch, last),
                    KernelCall.scalar(scratch, rows),
                    forTokens(ids),
                    model.base().weights()))
            .head();
    rows += Math.toIntExact(ids.size());
    return hidden;
  }

  /** Takes over the filled rows of a smaller bank. */
  public void copyFrom(MemoryBank other) {
    requireOwn();
    try (NDManager scratch = manager.newSubManager()) {
      NDList source = KernelCall.views(other.keysAndValues(), scratch);
      NDList target = KernelCall.views(keysAndValues(), scratch);
      model
          .kernels()
          .run(new KernelCall.CopyRows(KernelCall.scalar(scratch, other.rows), source, target));
    }
    rows = other.rows;
    memories = other.memories;
  }

  /** Forgets all rows from {@code row} on. */
  public void truncate(int row) {
    rows = row;
    memories = Math.min(memories, row);
  }

  /**
   * Sum of the cross-entropy of a segment that follows the bank.
   *
   * @param ids {@code [n]}
   * @param targets {@code [n]}, of which -100 does not count
   * @return in nats, {@code [1]} float64, owned by the manager of {@code ids}
   */
  public NDArray loss(NDArray ids, NDArray targets) {
    return model
        .kernels()
        .run(
            new KernelCall.DecodeLoss(
                ids,
                targets,
                KernelCall.scalar(ids.getManager(), rows),
                forTokens(ids),
                model.base().weights()))
        .head();
  }

  /** Logits of a segment {@code [n]} that follows the bank, {@code [n, V]}. */
  public NDArray logits(NDArray ids) {
    return model
        .kernels()
        .run(
            new KernelCall.DecodeLogits(
                ids,
                KernelCall.scalar(ids.getManager(), rows),
                forTokens(ids),
                model.base().weights()))
        .head();
  }

  /** The bank as the kernels take it for tokens that are about to be decoded behind it. */
  KernelCall.Bank forTokens(NDArray ids) {
    return new KernelCall.Bank(keys, values, positions(Math.toIntExact(ids.size())));
  }

  /**
   * Rows in the type of the base: of the keys of each layer, then of the values, {@code [G, rows,
   * d]}.
   *
   * @param from the first of them
   */
  public byte[] bytes(int from, int count) {
    NDList tensors = keysAndValues();
    RowBytes rows = new RowBytes(model);
    int values = Math.multiplyExact(count, model.base().config().keyValueWidth());
    ByteBuffer bytes = rows.room(Math.multiplyExact(tensors.size(), values));
    tensors.forEach(tensor -> rows.read(tensor, from, count, bytes));
    return bytes.array();
  }

  /**
   * Puts what {@link #bytes} gave to the rows from {@code row} on.
   *
   * @param precision type of the base where it did
   */
  public void put(int row, byte[] bytes, BasePrecision precision) {
    requireOwn();
    NDList tensors = keysAndValues();
    RowBytes rows = new RowBytes(model);
    int size = bytes.length / tensors.size();
    for (int i = 0; i < tensors.size(); i++) {
      rows.write(ByteBuffer.wrap(bytes, i * size, size), precision, tensors.get(i), row);
    }
  }

  /** The same for rows {@code [n, G, d]} of one tensor: of all layers first keys, then values. */
  public void put(int tensor, int row, ByteBuffer rows, BasePrecision precision) {
    requireOwn();
    new RowBytes(model).writeWhole(rows, precision, keysAndValues().get(tensor), row);
  }

  /** Keys of each layer, then values of each layer. */
  public NDList keysAndValues() {
    return new NDList(keys).addAll(values);
  }

  /**
   * RoPE at the position of every row and of tokens behind them. Where it depends on how many
   * positions are in use, those are all memories and a whole segment behind them, so that a token
   * does not change with the tokens that follow it.
   *
   * @param tokens that are about to be decoded
   */
  RotaryTable positions(int tokens) {
    return positions(memories, rows - memories + tokens);
  }

  /** The same behind so many rows of memories, of which others than the bank may hold some. */
  RotaryTable positions(int behind, int tokens) {
    int reach = behind + Math.max(model.segments().segmentLength(), tokens);
    if (reach > model.base().config().rotary().scaling().constantUpTo()) {
      // Keys are turned in a whole bank alone then.
      return grown(reach);
    }
    return constantPositions(reach);
  }

  private RotaryTable constantPositions(int reach) {
    int segment = model.segments().segmentLength();
    RotaryTable whole = model.positions(first + Math.max(capacity + segment, reach));
    if (whole != table) {
      table = whole;
      positions = whole.from(first, manager);
    }
    return positions;
  }

  private RotaryTable grown(int reach) {
    if (grown == null || grown.cos().getShape().get(0) != reach) {
      if (grown != null) {
        grownManager.close();
      }
      grownManager = manager.newSubManager();
      grown =
          RotaryTable.of(
              grownManager, IntStream.range(0, reach).toArray(), model.base().config(), reach);
    }
    return grown;
  }

  @Override
  public void close() {
    manager.close();
  }
}
