package org.uiospark.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.NativeLibrary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.NodeFailureException;

/**
 * The rules of CUDA_VISIBLE_DEVICES, as the programming guide of CUDA and that of MIG give them.
 */
class VisibleDevicesTest {
  private static final NativeLibrary C = NativeLibrary.getInstance("c");

  private final String before = variable();

  @AfterEach
  void restore() {
    if (before == null) {
      C.getFunction("unsetenv").invokeInt(new Object[] {VisibleDevices.VARIABLE});
    } else {
      C.getFunction("setenv").invokeInt(new Object[] {VisibleDevices.VARIABLE, before, 1});
    }
  }

  /** What CUDA would read now. */
  private static String variable() {
    return C.getFunction("getenv").invokeString(new Object[] {VisibleDevices.VARIABLE}, false);
  }

  @ParameterizedTest
  @CsvSource({
    ", 0, 0",
    ", 3, 3",
    "'2,3', 2, 0",
    "'2,3', 3, 1",
    "'3, 1', 1, 1",
    "'0,10', 10, 1",
    "'GPU-8932f937,GPU-5c1', GPU-5c1d0ea1-fc4b, 1",
    "'GPU-5c1,1', 1, 1",
    "'MIG-a,MIG-b', MIG-a, 0",
    "'7,3,-1,2', 3, 1"
  })
  void theOrdinalIsThePlaceInTheList(String list, String address, int ordinal) {
    assertThat(new VisibleDevices(list).ordinal(address)).isEqualTo(ordinal);
    assertThat(variable()).as("what CUDA sees").isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"'2,3', 0", "1, 10", "10, 1", "'0,-1,1', 1", "'', 0", "'0,1', GPU-5c1d0ea1"})
  void aDeviceThatTheProcessDoesNotSeeIsNamed(String list, String address) {
    assertThatThrownBy(() -> new VisibleDevices(list).ordinal(address))
        .isInstanceOf(NodeFailureException.class)
        .hasMessageContaining("Spark lends GPU " + address)
        .hasMessageContaining("CUDA_VISIBLE_DEVICES=" + list);
  }

  @ParameterizedTest
  @CsvSource({"'MIG-a,MIG-b', MIG-b", ", MIG-b", ", GPU-5c1d0ea1"})
  void aProcessIsNarrowedToTheOneThatCudaWouldNotNumber(String list, String address) {
    VisibleDevices visible = new VisibleDevices(list);

    assertThat(visible.ordinal(address)).isZero();
    assertThat(variable()).as("what CUDA sees").isEqualTo(address);
    assertThat(visible.ordinal(address)).isZero();
    assertThatThrownBy(() -> visible.ordinal("MIG-other"))
        .isInstanceOf(NodeFailureException.class)
        .hasMessageContaining(address)
        .hasMessageContaining("spark.executor.resource.gpu.amount=1");
  }

  @Test
  void aProcessComputesOnOnePartOfAGpu() {
    VisibleDevices visible = new VisibleDevices("MIG-a,MIG-b");

    assertThat(visible.ordinal("MIG-a")).isZero();
    assertThat(visible.ordinal("MIG-a")).isZero();
    assertThatThrownBy(() -> visible.ordinal("MIG-b"))
        .isInstanceOf(NodeFailureException.class)
        .hasMessageContaining("computes on MIG-a");
  }

  @Test
  void theListIsThatOfTheEnvironment() {
    assertThat(VisibleDevices.ofProcess().ordinal("0")).isZero();
  }
}
