package org.uiospark.model.memory;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.uiospark.model.llama.LlamaConfig;

/**
 * Keys and values of the memories of one sequence, {@code [L, G, capacity, d]} each, filled in
 * place from row 0 on; keys are rotated once, for a memory's position never changes.
 *
 * <p>One thread at a time.
 */
final class MemoryBank implements AutoCloseable {
  private final MemoryModel model;
  private final NDManager manager;
  private final NDArray keys;
  private final NDArray values;
  private final RotaryTable positions;
  private final int capacity;
  private int rows;

  /** Room for {@code capacity} rows; RoPE reaches one segment further, for the tokens behind. */
  MemoryBank(MemoryModel model, int capacity) {
    this.model = model;
    this.capacity = capacity;
    this.manager = model.base().newManager();
    this.keys = rowsOfWeights();
    this.values = rowsOfWeights();
    int segment = model.segments().segmentLength();
    this.positions =
        model.positions(
            capacity + Math.max(segment, model.base().config().maxPositionEmbeddings()));
  }

  private NDArray rowsOfWeights() {
    NDList arguments = new NDList(row(manager, Math.max(capacity, 1)));
    arguments.addAll(model.base().weights());
    return model.kernels().withoutGraph("bank", arguments).head();
  }

  /** Zeros in the shape of the bank, float32 as all gradients. */
  NDArray gradient() {
    LlamaConfig config = model.base().config();
    return manager.zeros(
        new Shape(config.layers(), config.kvHeads(), Math.max(capacity, 1), config.headDim()));
  }

  /** Rows filled so far. */
  int rows() {
    return rows;
  }

  int capacity() {
    return capacity;
  }

  NDArray keys() {
    return keys;
  }

  NDArray values() {
    return values;
  }

  RotaryTable positions() {
    return positions;
  }

  /** Runs the transfer head on a memory {@code [L, m, D]} and appends its keys and values. */
  void append(NDArray memory, DeviceAdapter adapter) {
    NDList arguments = new NDList(memory, row(memory.getManager(), rows));
    arguments.addAll(cache());
    arguments.addAll(model.base().weights());
    arguments.addAll(adapter.leaves());
    model.kernels().withoutGraph("store", arguments);
    rows += model.segments().memoryTokens();
  }

  /**
   * Appends the keys and values of tokens themselves (generation).
   *
   * @return logits of the last token, {@code [vocabulary]}
   */
  NDArray extend(NDArray ids) {
    NDArray logits =
        model.kernels().withoutGraph("extend", arguments(ids.getManager(), ids)).head();
    rows += Math.toIntExact(ids.size());
    return logits;
  }

  /** Takes over the filled rows of a smaller bank. */
  void copyFrom(MemoryBank other) {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray filled = row(scratch, other.rows);
      model.kernels().withoutGraph("copy_rows", new NDList(filled, other.keys, keys));
      model.kernels().withoutGraph("copy_rows", new NDList(filled, other.values, values));
    }
    rows = other.rows;
  }

  /** Forgets all rows from {@code row} on. */
  void truncate(int row) {
    rows = row;
  }

  /** Sum of the cross-entropy over {@code targets} of a segment that follows the bank. */
  double loss(NDArray ids, NDArray targets) {
    return model
        .kernels()
        .withoutGraph("decode_loss", arguments(ids.getManager(), ids, targets))
        .head()
        .toDoubleArray()[0];
  }

  /** Logits of a segment that follows the bank, {@code [n, vocabulary]}. */
  NDArray logits(NDArray ids) {
    return model.kernels().withoutGraph("decode_logits", arguments(ids.getManager(), ids)).head();
  }

  private NDList arguments(NDManager scratch, NDArray... first) {
    NDList arguments = new NDList(first);
    arguments.add(row(scratch, rows));
    arguments.addAll(cache());
    arguments.addAll(model.base().weights());
    return arguments;
  }

  /** Keys, values and the RoPE tables, in the order in which every kernel takes them. */
  private NDList cache() {
    return new NDList(keys, values, positions.cos(), positions.sin());
  }

  static NDArray row(NDManager manager, int row) {
    return manager.create(new long[] {row});
  }

  @Override
  public void close() {
    manager.close();
  }
}
