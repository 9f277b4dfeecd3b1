package org.uiospark.jobs.task;

import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;
import org.uiospark.model.segment.TokenSequence;

/**
 * The data set on its way to the executors, as the driver found it: what a later prep adds is not
 * part of this run.
 *
 * @param description the files and their sizes
 * @param hadoop settings of the file system
 */
public record TaskData(DataSetDescription description, HashMap<String, String> hadoop)
    implements Serializable {

  /** The data set as it is now, with the settings that reach it. */
  public static TaskData of(SequenceDataSet data, Configuration configuration) {
    HashMap<String, String> hadoop = new HashMap<>();
    for (Map.Entry<String, String> entry : configuration) {
      hadoop.put(entry.getKey(), entry.getValue());
    }
    // An executor has a working directory of its own.
    String uri = InputFile.name(OutputFolder.of(data.description().uri(), configuration).root());
    return new TaskData(data.description().at(uri), hadoop);
  }

  /** Leaves out the settings: some are credentials, and Spark prints what it cannot send. */
  @Override
  public String toString() {
    return "TaskData[" + description.uri() + "]";
  }

  /**
   * A sequence; the files are opened once a JVM.
   *
   * @param index from 0
   * @throws NodeFailureException if this machine cannot read it, or has another file there
   */
  public TokenSequence sequence(long index) {
    SequenceDataSet data = SequenceDataSet.shared(description, hadoop);
    try {
      return data.sequence(index);
    } catch (InvalidInputException | UncheckedIOException e) {
      // Prep wrote it whole, and the driver saw that it is there.
      throw unusable(e);
    }
  }

  private RuntimeException unusable(RuntimeException why) {
    return ThisMachine.failure(
        String.format(
            Locale.ROOT,
            "data set %s cannot be used: %s; every machine needs the same files there",
            description.uri(),
            why.getMessage()),
        why);
  }
}
