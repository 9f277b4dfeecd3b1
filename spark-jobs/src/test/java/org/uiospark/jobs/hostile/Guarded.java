package org.uiospark.jobs.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import net.jqwik.api.statistics.Statistics;
import org.uiospark.model.input.InvalidInputException;

/** What a reader may do with a hostile file: load it, or refuse it in one clear line. */
final class Guarded {
  private static final int SECONDS = 30;

  /** Memory for what is small and fixed, and for each byte of the input. */
  private static final long FIXED_BYTES = 32 << 20;

  private static final long BYTES_PER_BYTE = 64;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final ExecutorService READER =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "reader of hostile files");
            thread.setDaemon(true);
            return thread;
          });

  private Guarded() {}

  /**
   * Reads and judges.
   *
   * @param folder what is read, which a refusal must name
   * @return what was loaded, null if it was refused
   */
  static <T> T read(Path folder, Callable<T> reader) throws Exception {
    return read(folder, FIXED_BYTES, reader);
  }

  /** The same with another bound on the memory for what is small and fixed. */
  static <T> T read(Path folder, long fixedBytes, Callable<T> reader) throws Exception {
    long inputBytes = sizeOf(folder);
    long[] allocated = new long[1];
    Callable<T> measured =
        () -> {
          long before = THREADS.getCurrentThreadAllocatedBytes();
          try {
            return reader.call();
          } finally {
            allocated[0] = THREADS.getCurrentThreadAllocatedBytes() - before;
          }
        };
    try {
      T loaded = awake(READER.submit(measured));
      assertThat(loaded).isNotNull();
      Statistics.label("outcome").collect("loaded");
      return loaded;
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof InvalidInputException)) {
        throw new AssertionError("neither loaded nor refused", e.getCause());
      }
      assertThat(e.getCause().getMessage())
          .hasSizeLessThan(2100)
          .doesNotContainPattern("\\p{Cntrl}")
          .contains(folder.getFileName().toString());
      Statistics.label("outcome").collect("refused");
      return null;
    } catch (TimeoutException e) {
      throw new AssertionError("the reader hangs", e);
    } finally {
      assertThat(allocated[0])
          .as("bytes allocated for an input of %d", inputBytes)
          .isLessThan(fixedBytes + BYTES_PER_BYTE * inputBytes);
    }
  }

  /**
   * Waits second by second: a machine that suspends the whole JVM for minutes costs one of them, so
   * only a reader that does not end while time passes here is called hanging.
   */
  private static <T> T awake(Future<T> reading)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (int second = 1; second < SECONDS; second++) {
      try {
        return reading.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        // Not yet.
      }
    }
    return reading.get(1, TimeUnit.SECONDS);
  }

  private static long sizeOf(Path folder) throws IOException {
    long bytes = 0;
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }
}
