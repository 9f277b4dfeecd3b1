package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows of tensors of three dimensions on their way between devices: in the type of the base, in the
 * order of this machine's bytes.
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
    try (NDManager scratch = model.base().newManager()) {
      NDArray part =
          model
              .kernels()
              .withoutGraph(
                  new KernelCall.RowsOfBank(
                      KernelCall.scalar(scratch, from),
                      KernelCall.scalar(scratch, count),
                      MemoryBank.view(tensor, scratch)))
              .head();
      model.base().precision().pack(DeviceBytes.of(part, scratch), bytes);
    }
  }

  /**
   * Puts rows that were read so to those of a tensor from {@code row} on.
   *
   * @param precision type of the base that they were read from
   */
  void write(ByteBuffer bytes, BasePrecision precision, NDArray tensor, int row) {
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
                model
                    .kernels()
                    .withoutGraph(
                        new KernelCall.PutRows(
                            rows,
                            MemoryBank.view(tensor, scratch),
                            KernelCall.scalar(scratch, row)));
              }
            });
  }
}
