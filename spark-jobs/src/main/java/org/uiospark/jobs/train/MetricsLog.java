package org.uiospark.jobs.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.train.step.StepMetrics;
import org.uiospark.model.input.InvalidInputException;

/**
 * {@code metrics.jsonl}: a JSON object a step.
 *
 * <p>Where the file system can append, a line is on it when its step is done. Where it cannot
 * (object stores), the file is written anew with every checkpoint; a crash loses the lines since
 * then, which resuming would drop anyway.
 */
final class MetricsLog implements AutoCloseable {
  static final String NAME = "metrics.jsonl";
  private static final Logger LOG = LoggerFactory.getLogger(MetricsLog.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final OutputFolder folder;
  private final OutputLock lock;
  private final StringBuilder all = new StringBuilder();
  private final FSDataOutputStream appended;

  /**
   * Opens the log of a run that stands at a step; lines of later steps are dropped first.
   *
   * @param lock held by this run
   * @param step steps taken, 0 for a fresh run
   */
  MetricsLog(OutputFolder folder, OutputLock lock, long step) {
    this.folder = folder;
    this.lock = lock;
    this.appended = opened(step);
  }

  private FSDataOutputStream opened(long step) {
    Path file = folder.file(NAME);
    try {
      if (folder.has(NAME)) {
        List<String> lines = new String(folder.read(NAME), StandardCharsets.UTF_8).lines().toList();
        lines.stream().filter(line -> isUpTo(step, line)).forEach(this::remember);
        long kept = all.chars().filter(c -> c == '\n').count();
        if (kept < lines.size()) {
          LOG.info("Dropped {} lines of {} past step {}", lines.size() - kept, file, step);
        }
      }
      lock.requireHeld();
      folder.replace(NAME, content());
      return folder.fs().hasPathCapability(file, CommonPathCapabilities.FS_APPEND)
          ? folder.fs().append(file)
          : null;
    } catch (IOException | FSError e) {
      throw unwritable(e);
    }
  }

  /** Hadoop throws as an error what a local disk says. */
  private UncheckedIOException unwritable(Throwable e) {
    return new UncheckedIOException(
        folder.file(NAME) + " cannot be written",
        e instanceof IOException said ? said : new IOException(e.getMessage(), e));
  }

  private static boolean isUpTo(long step, String line) {
    try {
      JsonNode at = JSON.readTree(line).get("step");
      return at != null && at.asLong() <= step;
    } catch (JsonProcessingException e) {
      LOG.debug("A torn line: {}", line, e);
      return false;
    }
  }

  /**
   * Adds the line of a step.
   *
   * @throws InvalidInputException if another run has the right to write by now
   */
  void append(StepMetrics metrics) {
    try {
      String line = JSON.writeValueAsString(metrics);
      if (appended == null) {
        lock.requireNotLost();
        remember(line);
      } else {
        lock.requireHeld();
        appended.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        appended.hflush();
      }
    } catch (IOException | FSError e) {
      throw unwritable(e);
    }
  }

  private void remember(String line) {
    all.append(line).append('\n');
  }

  private byte[] content() {
    return all.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Makes sure that the file system holds every line so far.
   *
   * @throws InvalidInputException if the file would take the place of that of another run
   */
  void flush() {
    try {
      if (appended == null) {
        lock.requireHeld();
        folder.replace(NAME, content());
      } else {
        appended.hflush();
      }
    } catch (IOException | FSError e) {
      throw unwritable(e);
    }
  }

  @Override
  public void close() {
    flush();
    try {
      if (appended != null) {
        appended.close();
      }
    } catch (IOException | FSError e) {
      throw unwritable(e);
    }
  }
}
