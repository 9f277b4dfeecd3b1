package org.uiospark.jobs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.LabelledFile;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;

/** A data set of one file whose first sequence is spoiled, and that is whole as a data set. */
public final class PoisonedSet {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PoisonedSet() {}

  /** All sequences of a data set. */
  static List<TokenSequence> sequences(Path set) {
    SequenceDataSet data = SequenceDataSet.open(set.toString(), new Configuration());
    return LongStream.range(0, data.size())
        .mapToObj(data::sequence)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /**
   * Writes a data set anew, with labels, after its first sequence was changed.
   *
   * @param change of token ids and labels
   */
  public static void poison(Path set, BiConsumer<int[], int[]> change) throws IOException {
    List<TokenSequence> sequences = sequences(set);
    TokenSequence first = sequences.get(0);
    int[] ids = first.inputIds().clone();
    int[] labels = ids.clone();
    change.accept(ids, labels);
    sequences.set(0, new TokenSequence(first.docId(), first.offset(), ids, labels));
    Path arrow = set.resolve("data-00000-of-00001.arrow");
    LabelledFile.write(arrow, sequences);
    ObjectNode state = (ObjectNode) JSON.readTree(set.resolve("state.json").toFile());
    ((ObjectNode) state.get("_data_files").get(0))
        .put("bytes", Files.size(arrow))
        .put("sha256", Sha256.hex(Files.readAllBytes(arrow)));
    JSON.writeValue(set.resolve("state.json").toFile(), state);
  }
}
