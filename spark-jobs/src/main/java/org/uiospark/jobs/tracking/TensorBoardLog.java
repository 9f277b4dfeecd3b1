package org.uiospark.jobs.tracking;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.uiospark.data.storage.OutputFolder;

/**
 * {@code tensorboard/events.out.tfevents.*} below the output: a file each time that the run starts.
 * TensorBoard drops from the earlier ones what the run goes over again. Object stores show a file
 * only once it is closed, at the end of the run.
 */
final class TensorBoardLog implements Tracker {
  static final String FOLDER = "tensorboard";

  private final EventFile file;

  /**
   * @param firstStep the step that is taken first, counted from 1
   */
  TensorBoardLog(OutputFolder output, long firstStep) throws IOException {
    OutputFolder folder = output.child(FOLDER);
    folder.create();
    file = new EventFile(unused(folder), firstStep);
  }

  /** TensorBoard reads the files of a folder in the order of their names. */
  private static FSDataOutputStream unused(OutputFolder folder) throws IOException {
    long now = System.currentTimeMillis() / 1000;
    String name;
    do {
      name = String.format(Locale.ROOT, "events.out.tfevents.%010d.uio", now++);
    } while (folder.has(name));
    return folder.fs().create(folder.file(name), false);
  }

  @Override
  public void step(long step, Map<String, Double> values) throws IOException {
    file.scalars(step, values);
    file.flush();
  }

  @Override
  public void flush() throws IOException {
    file.flush();
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    file.close();
  }
}
