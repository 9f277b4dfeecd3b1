package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.stream.IntStream;

/**
 * Keys and values of one sequence, for each layer {@code [G, capacity, d]}, filled in place: those
 * of its memories from row 0 on, then those of the tokens that are being decoded. Keys are rotated
 * once, for a memory's position never changes; but where the angles depend on the number of rows,
 * they are rotated whenever they are read.
 *
 * <p>One thread at a time.
 */
public final class MemoryBank implements AutoCloseable {
  private final MemoryModel model;
  private final NDManager manager;
  private final NDList keys = new NDList();
  private final NDList values = new NDList();
  private final RotaryTable positions;
  private final NDList weights;
  private final int capacity;
  private int rows;
  private int memories;
  private NDManager grownManager;
  private RotaryTable grown;

  /**
   * @param capacity rows for all memories and, behind them, for the tokens decoded at once
   */
  public MemoryBank(MemoryModel model, int capacity) {
    this(model, capacity, model.base().weights());
  }

  /**
   * @param weights those of the base, maybe with more embeddings
   */
  public MemoryBank(MemoryModel model, int capacity, NDList weights) {
    this.model = model;
    this.weights = weights;
    this.capacity = capacity;
    this.manager = model.base().newManager();
    this.positions = model.positions(capacity);
    NDList rows = zeros(manager, "bank", capacity);
    keys.addAll(named("keys[]", keys(rows)));
    values.addAll(named("values[]", values(rows)));
  }

  private NDList zeros(NDManager owner, String kernel, int rows) {
    NDList arguments = new NDList(row(owner, rows));
    arguments.addAll(model.base().weights());
    return model.kernels().withoutGraph(kernel, arguments);
  }

  private static NDList keys(NDList keysThenValues) {
    return keysThenValues.subNDList(0, keysThenValues.size() / 2);
  }

  private static NDList values(NDList keysThenValues) {
    return keysThenValues.subNDList(keysThenValues.size() / 2);
  }

  /** A list that a kernel takes as one argument: its tensors share a name that ends so. */
  private static NDList named(String name, NDList list) {
    list.forEach(array -> array.setName(name));
    return list;
  }

  /** Zeros for the gradient of the first {@code rows} rows of all keys, then of all values. */
  public NDList gradient(NDManager owner, int rows) {
    return zeros(owner, "bank_gradient", rows);
  }

  /** The same tensors under the names by which a kernel takes a gradient of the bank. */
  public static NDList named(String keys, String values, NDList gradient) {
    return concat(alias(keys, keys(gradient)), alias(values, values(gradient)));
  }

  private static NDList alias(String name, NDList list) {
    return named(
        name, new NDList(list.stream().map(array -> array.reshape(array.getShape())).toList()));
  }

  /** Rows filled so far. */
  public int rows() {
    return rows;
  }

  public int capacity() {
    return capacity;
  }

  /** Runs the transfer head on memories {@code [L, M, D]} and appends their keys and values. */
  public void append(NDArray memory, DeviceAdapter adapter) {
    NDList arguments = new NDList(memory, row(memory.getManager(), rows));
    arguments.addAll(cache(0));
    arguments.addAll(model.base().weights());
    arguments.addAll(adapter.leaves());
    model.kernels().withoutGraph("store", arguments);
    rows += Math.toIntExact(memory.getShape().get(1));
    memories = rows;
  }

  /**
   * Appends the keys and values of tokens themselves (generation).
   *
   * @return logits of the last token, {@code [vocabulary]}
   */
  public NDArray extend(NDArray ids) {
    NDArray logits =
        model.kernels().withoutGraph("extend", arguments(ids.getManager(), ids)).head();
    rows += Math.toIntExact(ids.size());
    return logits;
  }

  /**
   * Appends the keys and values of tokens themselves (the teacher of distillation).
   *
   * @param last how many tokens from the end are asked for
   * @return what the decoder makes of those, {@code [1, last, D]} before the final norm
   */
  public NDArray hidden(NDArray ids, int last) {
    NDArray hidden =
        model
            .kernels()
            .withoutGraph(
                "decode_hidden", arguments(ids.getManager(), ids, row(ids.getManager(), last)))
            .head();
    rows += Math.toIntExact(ids.size());
    return hidden;
  }

  /** Takes over the filled rows of a smaller bank. */
  public void copyFrom(MemoryBank other) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray filled = row(scratch, other.rows);
      NDList copy = new NDList(filled);
      copy.addAll(alias("source[]", concat(other.keys, other.values)));
      copy.addAll(alias("target[]", concat(keys, values)));
      model.kernels().withoutGraph("copy_rows", copy);
    }
    rows = other.rows;
    memories = other.memories;
  }

  /** Forgets all rows from {@code row} on. */
  public void truncate(int row) {
    rows = row;
    memories = Math.min(memories, row);
  }

  /** Sum of the cross-entropy over {@code targets} of a segment that follows the bank. */
  public double loss(NDArray ids, NDArray targets) {
    return model
        .kernels()
        .withoutGraph("decode_loss", arguments(ids.getManager(), ids, targets))
        .head()
        .toDoubleArray()[0];
  }

  /** Logits of a segment that follows the bank, {@code [n, vocabulary]}. */
  public NDArray logits(NDArray ids) {
    return model.kernels().withoutGraph("decode_logits", arguments(ids.getManager(), ids)).head();
  }

  private NDList arguments(NDManager scratch, NDArray... first) {
    NDList arguments = new NDList(first);
    arguments.add(row(scratch, rows));
    arguments.addAll(cache(Math.toIntExact(first[0].size())));
    arguments.addAll(weights);
    return arguments;
  }

  /** Keys, values and the RoPE tables, in the order in which every kernel takes them. */
  private NDList cache(int tokens) {
    return concat(keys, values, positions(tokens));
  }

  public NDList keysAndValues() {
    return concat(keys, values);
  }

  /**
   * RoPE at the position of every row: cos, sin. Where it depends on how many positions are in use,
   * those are all memories and a whole segment behind them, so that a token does not change with
   * the tokens that follow it.
   *
   * @param tokens that are about to be decoded
   */
  public NDList positions(int tokens) {
    int reach = memories + Math.max(model.segments().segmentLength(), rows - memories + tokens);
    RotaryTable table =
        reach > model.base().config().ropeScaling().constantUpTo() ? grown(reach) : positions;
    return new NDList(table.cos(), table.sin());
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

  private static NDList concat(NDList... lists) {
    NDList all = new NDList();
    for (NDList list : lists) {
      all.addAll(list);
    }
    return all;
  }

  public static NDArray row(NDManager manager, int row) {
    return manager.create(new long[] {row});
  }

  @Override
  public void close() {
    manager.close();
  }
}
