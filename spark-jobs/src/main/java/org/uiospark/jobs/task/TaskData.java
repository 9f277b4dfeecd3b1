package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;

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

  /** The data set, opened once a JVM. */
  public SequenceDataSet open() {
    return SequenceDataSet.shared(description, hadoop);
  }
}
