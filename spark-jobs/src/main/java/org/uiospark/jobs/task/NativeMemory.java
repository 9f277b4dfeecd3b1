package org.uiospark.jobs.task;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.device.TaskDevice;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;

/**
 * What becomes of a task whose memory runs out. The engine keeps the arguments of a call that
 * threw, so an executor would only meet the next task with less: it tells the driver and gives its
 * process up. The driver's own process, which tasks share in local mode, never ends that way.
 */
public final class NativeMemory {
  private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);

  /** The words of libtorch for a CPU and for CUDA, of cuBLAS and cuDNN, and of C++. */
  private static final Pattern EXHAUSTED =
      Pattern.compile(
          "out of memory|can't allocate memory|not enough memory|bad_alloc|_ALLOC_FAILED",
          Pattern.CASE_INSENSITIVE);

  private NativeMemory() {}

  /**
   * What a failure says of memory that ran out, of this machine, of a GPU or of the JVM; empty
   * where it says something else.
   */
  public static Optional<String> exhausted(Throwable failure) {
    if (failure instanceof OutOfMemoryError) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
    // The line that counts: those of a kernel come with its source around it.
    return failure instanceof EngineException
        ? String.valueOf(failure.getMessage())
            .lines()
            .filter(line -> EXHAUSTED.matcher(line).find())
            .findFirst()
            .map(String::strip)
        : Optional.empty();
  }

  /** Does work whose size follows from its data alone. */
  public static <T> T guard(Supplier<T> work) {
    return guard(MemoryUse.OF_DATA, work);
  }

  /**
   * Does the work of a task, or of a command without tasks.
   *
   * @param use what it is, and what to change where it is too large
   * @throws NodeFailureException if memory ran out in an executor; its cause is an {@link
   *     OutOfMemoryError}, at which Spark reports the failure and ends the process (exit code 52)
   * @throws InvalidInputException if it did in local mode
   */
  public static <T> T guard(MemoryUse use, Supplier<T> work) {
    try {
      return work.get();
    } catch (EngineException e) {
      throw givenUp(line(use, exhausted(e).orElseThrow(() -> e)), e);
    } catch (OutOfMemoryError e) {
      if (!ThisMachine.isDriver()) {
        throw e;
      }
      // Spark would end this process without a word to the user.
      throw ThisMachine.failure(
          String.format(
              Locale.ROOT,
              "the memory of the JVM ran out: %s; raise UIO_DRIVER_MEMORY",
              e.getMessage()),
          null);
    }
  }

  private static String line(MemoryUse use, String said) {
    TaskContext task = TaskContext.get();
    // Libtorch's words tell a GPU from the CPU where no task is.
    Device device = task == null ? null : TaskDevice.of(task);
    return String.format(
        Locale.ROOT,
        "the memory of %s ran out%s: %s; %s",
        device == null ? "this machine" : device,
        use.ran().isEmpty() ? "" : " (" + use.ran() + ")",
        said,
        // A GPU serves one task at a time.
        remedies(
            use.remedy(), device == null || device.isGpu() ? "" : "have fewer tasks share it"));
  }

  /** Those that there are, and the last resort. */
  private static String remedies(String setting, String tasks) {
    String others =
        Stream.of(setting, tasks)
            .filter(remedy -> !remedy.isEmpty())
            .collect(Collectors.joining(", "));
    return (others.isEmpty() ? "" : others + ", or ") + "take a machine with more";
  }

  private static RuntimeException givenUp(String message, EngineException e) {
    if (ThisMachine.isDriver()) {
      return ThisMachine.failure(message, e);
    }
    LOG.error("This executor ends: {}", message);
    OutOfMemoryError end = new OutOfMemoryError(e.getMessage());
    end.initCause(e);
    return ThisMachine.failure(message, end);
  }
}
