package org.uiospark.data.commit;

import java.io.IOException;
import java.util.Locale;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;

/** The folder in the output where the tasks of one run write until it is committed. */
public final class WorkFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);

  private final FileSystem files;
  private final Path output;
  private final Path path;
  private final boolean fresh;
  private boolean handedOver;

  private WorkFolder(FileSystem files, Path output, boolean fresh) {
    this.files = files;
    this.output = output;
    // Qualified: an executor has a working directory of its own.
    this.path = files.makeQualified(new Path(output, AtomicWrite.UNCOMMITTED + UUID.randomUUID()));
    this.fresh = fresh;
  }

  /**
   * Creates it, and names those of other runs in the log.
   *
   * @throws InvalidInputException if the output cannot be written
   */
  public static WorkFolder create(String output, Configuration configuration) throws IOException {
    Path root = InputFile.outputPath(output);
    FileSystem files = AtomicWrite.fileSystem(root, configuration);
    try {
      boolean fresh = !files.exists(root);
      if (!fresh) {
        nameOthers(files, root);
      }
      WorkFolder work = new WorkFolder(files, root, fresh);
      AtomicWrite.mkdirs(files, work.path);
      return work;
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "output %s cannot be written: %s; name another", output, e.getMessage()),
          e);
    }
  }

  /** Another run may be at work in them, so none is deleted. */
  private static void nameOthers(FileSystem files, Path root) throws IOException {
    for (FileStatus other : files.listStatus(root)) {
      if (other.getPath().getName().startsWith(AtomicWrite.UNCOMMITTED)) {
        LOG.warn(
            "{} is of a run that was killed or still runs; delete it if no prep is running and the next one names it again",
            other.getPath());
      }
    }
  }

  /** Where it is; qualified, so that executors find it. */
  public Path path() {
    return path;
  }

  /**
   * Leaves it to the commit log from now on to say when the files are no longer needed. A run calls
   * it before its claim: a claim whose answer is lost may stand, and without its files the data set
   * could never go on.
   */
  public void handOver() {
    handedOver = true;
  }

  /** Takes the files back when the claim is known to be another run's: no commit names them. */
  public void takeBack() {
    handedOver = false;
  }

  /**
   * Deletes it unless it is handed over, and the output too where that was not there before and
   * nothing was committed.
   */
  @Override
  public void close() throws IOException {
    if (handedOver) {
      return;
    }
    files.delete(path, true);
    if (fresh && files.exists(output) && files.listStatus(output).length == 0) {
      files.delete(output, false);
    }
  }
}
