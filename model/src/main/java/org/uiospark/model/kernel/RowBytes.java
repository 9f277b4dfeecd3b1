package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Rows of tensors of three dimensions on their way between devices, in the order of this machine's
 * bytes: those of a bank in the type of the base, those of its gradient in float32.
 */
final class RowBytes {
  private final MemoryModel model;

  RowBytes(MemoryModel model) {
    this.model = model;
  }

  /** Room for so many values. */
  ByteBuffer room(int values) {
    return ByteBuffer.allocate(Math.multiplyExact(values, model.base().precision().bytes()))
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Adds {@code count} rows of the second dimension of a tensor to some bytes.
   *
   * @param from the first of them
   */
  void read(NDArray tensor, int from, int count, ByteBuffer bytes) {
    read(
        scratch ->
            new KernelCall.RowsOfBank(
                KernelCall.scalar(scratch, from),
                KernelCall.scalar(scratch, count),
                KernelCall.view(tensor, scratch)),
        model.base().precision(),
        bytes);
  }

  /**
   * Puts rows that were read so to those of a tensor from {@code row} on.
   *
   * @param precision type of the base that they were read from
   */
  void write(ByteBuffer bytes, BasePrecision precision, NDArray tensor, int row) {
    write(
        bytes,
        precision,
        (rows, scratch) ->
            new KernelCall.PutRows(
                rows, KernelCall.view(tensor, scratch), KernelCall.scalar(scratch, row)));
  }

  /** The same for rows {@code [n, G, d]}, all heads of one behind the other. */
  void writeWhole(ByteBuffer bytes, BasePrecision precision, NDArray tensor, int row) {
    write(
        bytes,
        precision,
        (rows, scratch) ->
            new KernelCall.PutWholeRows(
                rows, KernelCall.view(tensor, scratch), KernelCall.scalar(scratch, row)));
  }

  /**
   * Adds what a kernel gives to some bytes.
   *
   * @param rows asks for values in float32; whatever it makes ends with its manager
   * @param precision type that they are packed in
   */
  void read(Function<NDManager, KernelCall> rows, BasePrecision precision, ByteBuffer bytes) {
    try (NDManager scratch = model.base().newManager()) {
      NDArray part = model.kernels().run(rows.apply(scratch)).head();
      precision.pack(Staging.back(part, scratch), bytes);
    }
  }

  /**
   * Has a kernel take what was packed so. Java reads the bytes, which may be those of a mapped
   * file: what libtorch cannot read ends the JVM.
   *
   * @param into is given the values {@code [n]} in float32, and a manager for whatever it makes
   */
  void write(
      ByteBuffer bytes, BasePrecision precision, BiFunction<NDArray, NDManager, KernelCall> into) {
    int values = bytes.remaining() / precision.bytes();
    bytes.order(ByteOrder.nativeOrder());
    model
        .staging()
        .lend(
            Math.multiplyExact(values, Float.BYTES),
            floats -> {
              precision.unpack(bytes, floats);
              try (NDManager scratch = model.base().newManager()) {
                NDArray rows = scratch.create(floats.flip(), new Shape(values), DataType.FLOAT32);
                model.kernels().run(into.apply(rows, scratch));
              }
            });
  }
}
