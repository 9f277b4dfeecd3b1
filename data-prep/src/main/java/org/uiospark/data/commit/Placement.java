package org.uiospark.data.commit;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * Gives the files of a decided commit their names, many at once: on a distant file system each of
 * them waits for several answers. What is placed already is checked and left alone.
 *
 * @param files the file system of the data set
 */
record Placement(FileSystem files) {
  private static final Logger LOG = LoggerFactory.getLogger(Placement.class);
  private static final int AT_ONCE = 16;

  /**
   * A file on its way.
   *
   * @param sha256 of its content, in hexadecimal digits
   */
  record Step(Path source, Path target, String sha256) {}

  /**
   * Places all. Where one fails, those that have begun are placed yet and no other is begun; when
   * this returns, or throws, nothing moves any more.
   *
   * @throws InvalidInputException if one is gone, or another file has its name
   */
  void place(List<Step> steps) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    List<Future<?>> begun = new ArrayList<>();
    try {
      for (Step step : steps) {
        begun.add(
            pool.submit(
                () -> {
                  place(step);
                  return null;
                }));
      }
      for (Future<?> each : begun) {
        each.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw e.getCause() instanceof RuntimeException refused
          ? refused
          : new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while files of a commit got their names", e);
    } finally {
      // A move that is broken off may have copied half of a file.
      begun.forEach(each -> each.cancel(false));
      pool.shutdown();
      awaitEnd(pool);
    }
  }

  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void place(Step step) throws IOException {
    Path source = step.source();
    Path target = step.target();
    if (!files.exists(target)) {
      try {
        if (files.rename(source, target)) {
          return;
        }
      } catch (FileNotFoundException | FileAlreadyExistsException e) {
        LOG.debug("Another run placed {}", target, e);
      }
    }
    if (!files.exists(target)) {
      if (!files.exists(source)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s is gone, and a decided commit makes it %s: put it back or run prep into a new directory",
                source,
                target));
      }
      throw new IOException("cannot rename " + source + " to " + target);
    }
    // Placed already, by this run before it was killed or by one beside it.
    if (!sha256(files, target).equals(step.sha256())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is in the way of a committed file: it is of no run of prep; move it elsewhere",
              target));
    }
  }

  /** The SHA-256 of the content of a file, in hexadecimal digits. */
  static String sha256(FileSystem files, Path path) throws IOException {
    try (InputStream in = files.open(path)) {
      return Sha256.hex(in);
    }
  }
}
