package org.uiospark.jobs.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.uiospark.data.SequenceDataSet;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.InvalidInputException;

/** The data set that suites and audit draw sequences from. */
public final class HeldOutData {
  private HeldOutData() {}

  /**
   * Opens it.
   *
   * @throws InvalidInputException if it is none, is empty, or was prepared for another vocabulary
   */
  public static SequenceDataSet open(Subject subject, String uri) {
    SequenceDataSet data = SequenceDataSet.open(uri, subject.spark().hadoopConfiguration());
    if (data.size() == 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data set %s holds no sequence; give prep more text or lower --min-segments",
              uri));
    }
    TaskData.requireVocabulary(data, subject.model().model(), subject.base());
    return data;
  }

  /** Indices spread over the whole data set: no document is left out for standing last. */
  public static List<Long> spread(SequenceDataSet data, int most) {
    long count = Math.min(most, data.size());
    return LongStream.range(0, count).map(i -> i * data.size() / count).boxed().toList();
  }
}
