package org.uiospark.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A call of one method of the kernels. {@code EncodeGradient} calls {@code encode_gradient}; its
 * components, and those of the records among them, are the method's arguments by name: {@code
 * sumKeys} is {@code sum_keys}. {@link KernelMethod} checks them against the method's signature
 * when the kernels are loaded. Shapes and meanings stand beside the methods in {@code
 * kernels.torchscript}.
 *
 * <p>What a call gives belongs to the manager of its first component.
 */
sealed interface KernelCall {

  /** Blocks of rows as one matrix of the scalar type {@code wanted}. */
  record Load(NDList rows, NDArray wanted) implements KernelCall {}

  /** A matrix or vector whose values are not set. */
  record Empty(NDArray place, NDArray sizes, NDArray wanted) implements KernelCall {}

  /** Copies rows into a larger matrix or vector. */
  record CopyInto(NDArray rows, NDArray into, NDArray at) implements KernelCall {}

  /** The same with rows of bfloat16, as what DJL takes for float16. */
  record CopyBfloat16(NDArray bits, NDArray into, NDArray at) implements KernelCall {}

  /** Segments to memories. */
  record Encode(
      NDArray ids,
      RotaryTable positions,
      NDArray mask,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter)
      implements KernelCall {}

  /** The same, with the tape by name. */
  record EncodeWithTape(
      NDArray ids,
      RotaryTable positions,
      NDArray mask,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter)
      implements KernelCall {}

  /** The way back from the tape. */
  record EncodeGradient(
      NDArray towards,
      RotaryTable positions,
      NDArray mask,
      Map<String, NDArray> tape,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter,
      Map<String, NDArray> gradient)
      implements KernelCall {}

  /** Room for keys, then values. */
  record NewBank(NDArray capacity, Map<String, NDArray> weights) implements KernelCall {}

  /** Room for the gradient of keys, then values. */
  record NewBankGradient(NDArray rows, Map<String, NDArray> weights) implements KernelCall {}

  /** Room for the rows of streams. */
  record NewSlots(NDArray sizes, Map<String, NDArray> weights) implements KernelCall {}

  /** All of them to larger ones. */
  record CopySlots(NDList source, NDList target) implements KernelCall {}

  /** Rows of a bank to a slot. */
  record FillSlot(
      NDArray fromRow, NDArray rows, NDArray slot, NDArray at, NDList source, NDList target)
      implements KernelCall {}

  /** One slot to another. */
  record MoveSlot(NDArray fromSlot, NDArray rows, NDArray toSlot, NDList slots)
      implements KernelCall {}

  /** Logits of the next token of each stream. */
  record DecodeStreams(
      NDArray streams,
      NDArray groups,
      Bank bank,
      NDList ownKeys,
      NDList ownValues,
      Map<String, NDArray> weights)
      implements KernelCall {}

  /** Copies the first rows of all lists. */
  record CopyRows(NDArray rows, NDList source, NDList target) implements KernelCall {}

  /** Rows of keys or values in float32. */
  record RowsOfBank(NDArray at, NDArray rows, NDArray bank) implements KernelCall {}

  /** The way back into a bank. */
  record PutRows(NDArray rows, NDArray bank, NDArray at) implements KernelCall {}

  /** The same of rows with all heads of one behind the other. */
  record PutWholeRows(NDArray rows, NDArray bank, NDArray at) implements KernelCall {}

  /** Rows of the gradient of keys or values. */
  record RowsOfGradient(NDArray at, NDArray rows, NDArray gradient) implements KernelCall {}

  /** Adds rows to a gradient of as many. */
  record AddRows(NDArray rows, NDArray gradient) implements KernelCall {}

  /** The transfer head. */
  record TransferMemory(
      NDArray memory,
      NDArray at,
      Bank bank,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter)
      implements KernelCall {}

  /** The way back through it. */
  record TransferMemoryGradient(
      NDArray memory,
      NDArray at,
      NDArray factor,
      Sums sums,
      RotaryTable positions,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter,
      Map<String, NDArray> gradient)
      implements KernelCall {}

  /** Sum of the cross-entropy. */
  record DecodeLoss(
      NDArray ids, NDArray targets, NDArray at, Bank bank, Map<String, NDArray> weights)
      implements KernelCall {}

  /** Logits of all tokens. */
  record DecodeLogits(NDArray ids, NDArray at, Bank bank, Map<String, NDArray> weights)
      implements KernelCall {}

  /** Logits of the token after the last. */
  record DecodeNext(NDArray ids, NDArray at, Bank bank, Map<String, NDArray> weights)
      implements KernelCall {}

  /** The last tokens before the final norm. */
  record DecodeHidden(
      NDArray ids, NDArray last, NDArray at, Bank bank, Map<String, NDArray> weights)
      implements KernelCall {}

  /** Logits behind {@code <repeat>}. */
  record RepeatLogits(
      NDArray ids,
      NDArray at,
      Bank bank,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter)
      implements KernelCall {}

  /** Cross-entropy and its gradient towards the bank. */
  record CrossEntropyOf(
      NDArray ids,
      NDArray targets,
      NDArray at,
      NDArray weight,
      Bank bank,
      Sums sums,
      Map<String, NDArray> weights)
      implements KernelCall {}

  /** Distillation and its gradient towards the bank. */
  record DistillationOf(
      NDArray ids,
      NDArray targets,
      Teacher teacher,
      NDArray at,
      NDArray weight,
      Bank bank,
      Sums sums,
      Map<String, NDArray> weights)
      implements KernelCall {}

  /** Auto-encoding and its gradient towards the bank and {@code <repeat>}. */
  record ReconstructionOf(
      NDArray ids,
      NDArray at,
      NDArray weight,
      Bank bank,
      Sums sums,
      Map<String, NDArray> weights,
      Map<String, NDArray> adapter,
      Map<String, NDArray> gradient)
      implements KernelCall {}

  /** A bare product. */
  record Multiply(NDArray x, NDArray w) implements KernelCall {}

  /** A scalar argument, {@code [1]} int64. */
  static NDArray scalar(NDManager manager, long value) {
    return onHost(manager, value);
  }

  /** A scalar argument, {@code [1]} float64. */
  static NDArray scalar(NDManager manager, double value) {
    ByteBuffer bytes = manager.allocateDirect(Double.BYTES);
    return onHost(manager, bytes.putDouble(0, value), DataType.FLOAT64);
  }

  /**
   * Numbers that a kernel reads on the host, whatever the device: it would wait there for one that
   * it has to fetch.
   *
   * @param manager of any device
   * @return {@code [n]} int64
   */
  static NDArray onHost(NDManager manager, long... values) {
    ByteBuffer bytes = manager.allocateDirect(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return onHost(manager, bytes, DataType.INT64);
  }

  private static NDArray onHost(NDManager manager, ByteBuffer values, DataType type) {
    Shape shape = new Shape(values.capacity() / type.getNumOfBytes());
    return JniUtils.createNdFromByteBuffer(
        (PtNDManager) manager, values, shape, type, SparseFormat.DENSE, Device.cpu());
  }

  /** The same tensor for an argument of another name. */
  static NDArray view(NDArray tensor, NDManager scratch) {
    NDArray view = tensor.reshape(tensor.getShape());
    view.attach(scratch);
    return view;
  }

  /** The same of many. */
  static NDList views(NDList list, NDManager scratch) {
    return new NDList(list.stream().map(array -> view(array, scratch)).toList());
  }

  /** Arguments: what the teacher made of the tokens, and how much it counts. */
  record Teacher(NDArray teacher, NDArray temperature, NDArray share) {}

  /**
   * Arguments: keys and values of each layer, and RoPE at the position of every row and of the
   * tokens behind them.
   */
  record Bank(NDList keys, NDList values, RotaryTable positions) {}

  /** Arguments: the gradient towards a bank, as it is and weighted. */
  record Sums(NDList sumKeys, NDList sumValues, NDList weightedKeys, NDList weightedValues) {}
}
