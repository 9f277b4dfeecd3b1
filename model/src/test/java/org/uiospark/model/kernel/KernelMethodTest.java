package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelMethodTest {
  /** Has another order than the call. */
  private static final String MULTIPLY =
      "  def multiply(self, w: Tensor, x: Tensor) -> Tensor:\n    return x\n";

  private static String copyRows(String source, String typeOfTarget) {
    return "  def copy_rows(self, rows: Tensor, "
        + source
        + ": List[Tensor], target: "
        + typeOfTarget
        + ") -> Tensor:\n";
  }

  @Test
  void argumentsStandInTheOrderOfTheMethod() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray x = manager.ones(new Shape(1));
      NDArray w = manager.ones(new Shape(2));
      KernelMethod method = KernelMethod.of(KernelCall.Multiply.class, MULTIPLY);
      assertThat(method.name()).isEqualTo("multiply");
      assertThat(method.tensors(new KernelCall.Multiply(x, w))).containsExactly(w, x);
    }
  }

  @Test
  void aMethodThatIsMissingIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> KernelMethod.of(KernelCall.Multiply.class, copyRows("source", "List[Tensor]")))
        .withMessage("the kernels have no method multiply");
  }

  @Test
  void anArgumentOfAnotherNameIsNamed() {
    String source = copyRows("sources", "List[Tensor]");
    assertThatIllegalStateException()
        .isThrownBy(() -> KernelMethod.of(KernelCall.CopyRows.class, source))
        .withMessage(
            "the kernel copy_rows takes sources: List[Tensor], which CopyRows does not give");
  }

  @Test
  void anArgumentOfAnotherTypeIsNamed() {
    String source = copyRows("source", "Dict[str, Tensor]");
    assertThatIllegalStateException()
        .isThrownBy(() -> KernelMethod.of(KernelCall.CopyRows.class, source))
        .withMessage(
            "the kernel copy_rows takes target: Dict[str, Tensor], which CopyRows does not give");
  }

  @Test
  void anArgumentThatTheMethodDoesNotTakeIsNamed() {
    String source = "  def multiply(self, x: Tensor) -> Tensor:\n";
    assertThatIllegalStateException()
        .isThrownBy(() -> KernelMethod.of(KernelCall.Multiply.class, source))
        .withMessage("Multiply gives w: Tensor, which the kernel multiply does not take");
  }

  @Test
  void aTensorBelongsToOneListArgument() {
    String source = copyRows("source", "List[Tensor]");
    KernelMethod method = KernelMethod.of(KernelCall.CopyRows.class, source);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray rows = manager.create(new long[] {1});
      NDList same = new NDList(manager.ones(new Shape(1)));
      assertThatIllegalStateException()
          .isThrownBy(() -> method.tensors(new KernelCall.CopyRows(rows, same, same)))
          .withMessage(
              "the kernel copy_rows wants a tensor as target[] that is source[] already: give it a view");
    }
  }

  @Test
  void recordsAmongTheComponentsAreArgumentsToo() {
    String source =
        "  def decode_next(self, weights: Dict[str, Tensor], sin: Tensor, cos: Tensor,"
            + " at: Tensor, ids: Tensor, values: List[Tensor], keys: List[Tensor]) -> Tensor:\n";
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray[] some = new NDArray[7];
      for (int i = 0; i < some.length; i++) {
        some[i] = manager.ones(new Shape(1));
      }
      KernelCall call =
          new KernelCall.DecodeNext(
              some[0],
              some[1],
              new KernelCall.Bank(
                  new NDList(some[2]), new NDList(some[3]), new RotaryTable(some[4], some[5])),
              Map.of("layers.0.qkv", some[6]));
      assertThat(KernelMethod.of(KernelCall.DecodeNext.class, source).tensors(call))
          .extracting(NDArray::getName)
          .containsExactly("weights.layers.0.qkv", null, null, null, null, "values[]", "keys[]");
    }
  }
}
