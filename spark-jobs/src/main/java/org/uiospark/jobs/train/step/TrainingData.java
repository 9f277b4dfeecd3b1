package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;

/**
 * The data sets of a run on their way to the executors. Their sequences have one index: those of a
 * data set follow those of the one before it.
 *
 * @param sets at least one
 * @param weights share of the sequences of a run, for each set
 */
public record TrainingData(ArrayList<TaskData> sets, double[] weights) implements Serializable {
  /** The data set that an index leads to, and the index in it. */
  private record Place(TaskData set, long index) {}

  private Place place(long index) {
    long left = index;
    for (TaskData set : sets) {
      long size = set.description().sequences();
      if (left < size) {
        return new Place(set, left);
      }
      left -= size;
    }
    throw new IndexOutOfBoundsException("sequence " + index);
  }

  /** The sequence at an index. */
  TokenSequence sequence(long index) {
    Place place = place(index);
    return place.set.sequence(place.index);
  }

  /** What the data set of a sequence is trained for. */
  Objective objective(long index) {
    return place(index).set.description().objective();
  }

  /** The name of a sequence for messages: its document, offset, index and data set. */
  String name(TokenSequence sequence, long index) {
    Place place = place(index);
    return String.format(
        Locale.ROOT,
        "document %s, offset %d (sequence %d of %s)",
        sequence.docId(),
        sequence.offset(),
        place.index,
        place.set.description().uri());
  }

  /** Sequences of each set. */
  public int[] sizes() {
    return sets.stream().mapToInt(set -> Math.toIntExact(set.description().sequences())).toArray();
  }

  /** Whether any set has this objective. */
  public boolean has(Objective objective) {
    return sets.stream().anyMatch(set -> set.description().objective() == objective);
  }

  /** Changes whenever sequences or weights do; that of the data set itself where it is alone. */
  public String fingerprint() {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      DataSetDescription set = sets.get(i).description();
      parts.add(set.fingerprint() + ":" + weights[i]);
    }
    return parts.size() == 1
        ? sets.get(0).description().fingerprint()
        : Sha256.hex(String.join(",", parts).getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
