package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;

/**
 * The gradient of the losses behind a bank towards the keys and values of its memories, {@code
 * dJ/dK} and {@code dJ/dV}: a sum as it is, which the transfer head learns from, and a sum in which
 * each loss weighs the memories, which the encoder learns from.
 *
 * <p>One thread at a time.
 */
public final class BankGradient implements AutoCloseable {
  private final MemoryModel model;
  private final MemoryBank bank;
  private final NDManager manager;
  private final KernelCall.Sums sums;
  private final NDList tensors;

  private BankGradient(
      MemoryModel model,
      MemoryBank bank,
      NDManager manager,
      NDList tensors,
      NDList sum,
      NDList weighted) {
    this.model = model;
    this.bank = bank;
    this.manager = manager;
    this.tensors = tensors;
    this.sums =
        new KernelCall.Sums(
            MemoryBank.keys(sum),
            MemoryBank.values(sum),
            MemoryBank.keys(weighted),
            MemoryBank.values(weighted));
  }

  /**
   * One sum that serves as both, where a memory weighs the same in all losses.
   *
   * @param bank with memories in its first rows
   * @param rows of all its memories
   */
  public static BankGradient unweighted(MemoryModel model, MemoryBank bank, int rows) {
    NDManager manager = model.base().newManager();
    NDList sum = zeros(model, manager, rows);
    return new BankGradient(model, bank, manager, sum, sum, KernelCall.views(sum, manager));
  }

  /** Two sums, of twice the memory; otherwise as above. */
  public static BankGradient weighted(MemoryModel model, MemoryBank bank, int rows) {
    NDManager manager = model.base().newManager();
    NDList sum = zeros(model, manager, rows);
    NDList weighted = zeros(model, manager, rows);
    NDList both = new NDList(sum).addAll(weighted);
    return new BankGradient(model, bank, manager, both, sum, weighted);
  }

  private static NDList zeros(MemoryModel model, NDManager manager, int rows) {
    // A sequence of one segment has no memory, and the kernels take no sum without rows.
    NDArray held = KernelCall.scalar(manager, Math.max(1, rows));
    return model.kernels().run(new KernelCall.NewBankGradient(held, model.base().weights()));
  }

  /**
   * Adds the gradient of the cross-entropy of a segment that follows the bank.
   *
   * @param ids tokens {@code [n]}
   * @param targets {@code [n]}, of which -100 does not count
   * @param weight of each row of the bank in the weighted sum; none in the unweighted one
   * @return sum over the targets in nats, {@code [1]} float64, owned by the manager of {@code ids}
   */
  public NDArray addCrossEntropy(NDArray ids, NDArray targets, float... weight) {
    NDManager scratch = ids.getManager();
    return run(
        new KernelCall.CrossEntropyOf(
            ids,
            targets,
            KernelCall.scalar(scratch, bank.rows()),
            weights(scratch, weight),
            bank.forTokens(ids),
            sums,
            model.base().weights()));
  }

  /**
   * Adds the gradient of {@code share * temperature^2 * KL(teacher || student) + (1 - share) *
   * cross-entropy}; otherwise as above.
   *
   * @param teacher {@code [1, n, D]}, what {@link MemoryBank#hidden} gave for these tokens
   * @param temperature of both distributions of the divergence
   * @param share of the divergence, 0 to 1
   */
  public NDArray addDistillation(
      NDArray ids,
      NDArray targets,
      NDArray teacher,
      double temperature,
      double share,
      float... weight) {
    NDManager scratch = ids.getManager();
    return run(
        new KernelCall.DistillationOf(
            ids,
            targets,
            new KernelCall.Teacher(
                teacher,
                KernelCall.scalar(scratch, temperature),
                KernelCall.scalar(scratch, share)),
            KernelCall.scalar(scratch, bank.rows()),
            weights(scratch, weight),
            bank.forTokens(ids),
            sums,
            model.base().weights()));
  }

  /**
   * Adds the gradient of the cross-entropy of tokens, each behind {@code <repeat>} and the tokens
   * before it, and to the adapter's gradient that of {@code <repeat>}.
   *
   * @param ids tokens {@code [n]}
   * @return sum over the tokens in nats, {@code [1]} float64, owned by the manager of {@code ids}
   */
  public NDArray addReconstruction(NDArray ids, AdapterGradient gradient) {
    NDManager scratch = ids.getManager();
    return run(
        new KernelCall.ReconstructionOf(
            ids,
            KernelCall.scalar(scratch, bank.rows()),
            weights(scratch),
            bank.forTokens(ids),
            sums,
            model.base().weights(),
            gradient.adapter().tensors(),
            gradient.tensors()));
  }

  private NDArray run(KernelCall loss) {
    return model.kernels().run(loss).head();
  }

  private static NDArray weights(NDManager scratch, float... weight) {
    return weight.length == 0 ? scratch.zeros(new Shape(0)) : scratch.create(weight);
  }

  /**
   * The sum as it is: towards the keys of each layer, then towards the values, {@code [G, d, M]}.
   */
  public NDList keysAndValues() {
    return new NDList(sums.sumKeys()).addAll(sums.sumValues());
  }

  /**
   * Through the transfer head of some segments: adds its gradient to the adapter's.
   *
   * @param memory of those, one after the other, {@code [L, M, D]}
   * @param row of the bank, where their rows begin
   * @param factor of what is returned
   * @return {@code dJ/dmemory} by the weighted sum, {@code [L, M, D]}, owned by the manager of
   *     {@code memory}
   */
  public NDArray throughTransferHead(
      NDArray memory, int row, double factor, AdapterGradient gradient) {
    NDManager scratch = memory.getManager();
    return model
        .kernels()
        .run(
            new KernelCall.TransferMemoryGradient(
                memory,
                KernelCall.scalar(scratch, row),
                KernelCall.scalar(scratch, factor),
                sums,
                bank.positions(0),
                model.base().weights(),
                gradient.adapter().tensors(),
                gradient.tensors()))
        .head();
  }

  /**
   * Rows of the sums, in float32: towards the keys of each layer, then towards the values, {@code
   * [G, rows, d]}; and the same of the weighted sum where that is another.
   *
   * @param from the first of them
   */
  public byte[] bytes(int from, int count) {
    RowBytes rows = new RowBytes(model);
    int layer = Math.multiplyExact(count, model.base().config().keyValueWidth() * Float.BYTES);
    byte[] bytes = new byte[Math.multiplyExact(tensors.size(), layer)];
    ByteBuffer left = ByteBuffer.wrap(bytes);
    for (NDArray tensor : tensors) {
      rows.read(
          scratch ->
              new KernelCall.RowsOfGradient(
                  KernelCall.scalar(scratch, from),
                  KernelCall.scalar(scratch, count),
                  KernelCall.view(tensor, scratch)),
          BasePrecision.FLOAT32,
          left);
    }
    return bytes;
  }

  /** Adds what {@link #bytes} gave of as many rows as there are here. */
  public void add(byte[] bytes) {
    RowBytes rows = new RowBytes(model);
    int size = bytes.length / tensors.size();
    for (int i = 0; i < tensors.size(); i++) {
      NDArray into = tensors.get(i);
      rows.write(
          ByteBuffer.wrap(bytes, i * size, size),
          BasePrecision.FLOAT32,
          (part, scratch) -> new KernelCall.AddRows(part, KernelCall.view(into, scratch)));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
