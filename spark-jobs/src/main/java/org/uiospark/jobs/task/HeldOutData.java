package org.uiospark.jobs.task;

import java.util.List;
import java.util.stream.LongStream;
import org.uiospark.data.dataset.SequenceDataSet;

/** The data set that suites and audit draw sequences from. */
public final class HeldOutData {
  private HeldOutData() {}

  /**
   * Opens it.
   *
   * @throws InvalidInputException if it is none, is empty, or was prepared with another tokenizer
   */
  public static SequenceDataSet open(Subject subject, String uri) {
    return subject.fittingData().open(uri, subject.spark().hadoopConfiguration());
  }

  /** Indices spread over the whole data set: no document is left out for standing last. */
  public static List<Long> spread(SequenceDataSet data, int most) {
    long count = Math.min(most, data.size());
    return LongStream.range(0, count).map(i -> i * data.size() / count).boxed().toList();
  }
}
