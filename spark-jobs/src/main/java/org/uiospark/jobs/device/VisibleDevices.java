package org.uiospark.jobs.device;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.NodeFailureException;

/**
 * The GPUs that CUDA shows this process. What Spark lends is an address, which {@code
 * gpu-discovery.sh} took from {@code CUDA_VISIBLE_DEVICES} or from {@code nvidia-smi}: an index of
 * the machine, or the UUID of a GPU or of a part of one (MIG). What the process sees is an ordinal,
 * the place in that list.
 */
final class VisibleDevices {
  static final String VARIABLE = "CUDA_VISIBLE_DEVICES";

  /** The C library, whose environment CUDA reads; that of Java is a copy. */
  private interface C extends Library {
    C LIBRARY = Native.load("c", C.class);

    int setenv(String name, String value, int overwrite);
  }

  private final String variable;
  private final List<String> names;
  private String only;

  /**
   * @param variable value of {@value #VARIABLE}; null where it is not set and all are seen
   */
  VisibleDevices(String variable) {
    this.variable = variable;
    this.names =
        variable == null
            ? null
            : Arrays.stream(variable.split(","))
                .map(String::strip)
                // As CUDA does: what stands behind no device is not seen.
                .takeWhile(name -> !name.isEmpty() && !name.startsWith("-"))
                .toList();
  }

  static VisibleDevices ofProcess() {
    return new VisibleDevices(System.getenv(VARIABLE));
  }

  /**
   * The number by which CUDA knows a device here. A process sees one part of a GPU at most, the
   * first of the list: for another one, or for a UUID without a list, it is narrowed to that
   * device, which CUDA heeds when it is first used.
   *
   * @param address what Spark lends
   * @throws NodeFailureException if the process does not see it
   */
  synchronized int ordinal(String address) {
    if (only != null) {
      requireOnly(address);
      return 0;
    }
    int place = names == null ? -1 : place(address);
    if (names != null && place < 0) {
      throw new NodeFailureException(
          String.format(
              Locale.ROOT,
              "Spark lends GPU %s, but %s=%s of this process does not name it; let the discovery script and the executors see the same value",
              address,
              VARIABLE,
              variable),
          null);
    }
    if (isPart(address) && place == 0) {
      // CUDA sees it already, and no other.
      only = address;
    } else if (isPart(address) || names == null && !isIndex(address)) {
      narrow(address);
    }
    if (only != null) {
      return 0;
    }
    return names == null ? Integer.parseInt(address) : place;
  }

  /** Names may be cut short, as long as they are of one device. */
  private int place(String address) {
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (isIndex(name) || isIndex(address) ? name.equals(address) : address.startsWith(name)) {
        return i;
      }
    }
    return -1;
  }

  private void narrow(String address) {
    C.LIBRARY.setenv(VARIABLE, address, 1);
    only = address;
  }

  private void requireOnly(String address) {
    if (!only.equals(address)) {
      throw new NodeFailureException(
          String.format(
              Locale.ROOT,
              "Spark lends %s, but this process computes on %s, and sees no other; set spark.executor.resource.gpu.amount=1",
              address,
              only),
          null);
    }
  }

  private static boolean isPart(String address) {
    return address.startsWith("MIG-");
  }

  private static boolean isIndex(String address) {
    return address.chars().allMatch(digit -> digit >= '0' && digit <= '9');
  }
}
