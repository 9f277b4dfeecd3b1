package org.uiospark.jobs.bench;

import com.sun.jna.Function;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Peak of the resident memory of this process, as Linux counts it. */
final class ResidentMemory {
  private static final Logger LOG = LoggerFactory.getLogger(ResidentMemory.class);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");

  private final Long before;

  private ResidentMemory(Long before) {
    this.before = before;
  }

  /**
   * The memory that a measurement took.
   *
   * @param beforeBytes resident when it began: JVM, libraries, base model
   * @param peakBytes the most that was resident until its end, all that included
   * @param bankBytes what of that the keys and values of the memories take, of all tasks
   * @param bankGradientBytes what the gradients towards those take
   */
  record Figures(long beforeBytes, long peakBytes, long bankBytes, long bankGradientBytes) {}

  /**
   * Starts a new peak: garbage is collected and what the allocator holds for later goes back to the
   * system, for otherwise the peak would be that of the measurement before.
   */
  static ResidentMemory reset() {
    System.gc();
    trimAllocator();
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      LOG.info("{} cannot be written: peak memory is not measured", CLEAR, e);
      return new ResidentMemory(null);
    }
    return new ResidentMemory(bytes("VmRSS:"));
  }

  private static void trimAllocator() {
    try {
      Function.getFunction("c", "malloc_trim").invokeInt(new Object[] {0L});
    } catch (UnsatisfiedLinkError e) {
      LOG.info("no malloc_trim here: peaks may hold what earlier measurements left", e);
    }
  }

  /**
   * Since the reset; null where the system does not tell.
   *
   * @param tasks tasks that did the work at once
   */
  Figures since(int tasks, Work work) {
    return before == null
        ? null
        : new Figures(
            before, bytes("VmHWM:"), tasks * work.bankBytes(), tasks * work.bankGradientBytes());
  }

  private static long bytes(String key) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(key))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow(() -> new IllegalStateException(STATUS + " has no " + key));
    } catch (IOException e) {
      throw new IllegalStateException(STATUS + " cannot be read", e);
    }
  }
}
