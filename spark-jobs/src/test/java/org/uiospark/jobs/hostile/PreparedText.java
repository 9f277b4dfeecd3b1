package org.uiospark.jobs.hostile;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.segment.TokenSequence;

/** Text that went through prep, and what a data set of it gives back. */
final class PreparedText {
  private PreparedText() {}

  /** Prepares what it finds, however much of it is malformed. */
  static PrepSummary prepare(SparkSession spark, Path input, Path set) {
    PrepSettings settings =
        new PrepSettings(
            List.of(input.toString()),
            set.toString(),
            HostileFolder.TINY.resolve("tokenizer.json").toString(),
            Objective.LM,
            new Cutting(32, 4, 1, 0),
            new TextReading(RecordFields.ofText("text"), 0.001),
            Repeats.KEPT,
            2_000_000,
            1);
    return new PrepJob(spark, settings).run();
  }

  /** The tokens of all its sequences. */
  static int[] tokens(Path set) {
    SequenceDataSet data = SequenceDataSet.open(set.toString(), new Configuration());
    int[] all = new int[0];
    for (long i = 0; i < data.size(); i++) {
      TokenSequence sequence = data.sequence(i);
      int before = all.length;
      all = Arrays.copyOf(all, before + sequence.inputIds().length);
      System.arraycopy(sequence.inputIds(), 0, all, before, sequence.inputIds().length);
    }
    return all;
  }
}
