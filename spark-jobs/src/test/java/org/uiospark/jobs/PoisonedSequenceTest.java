package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.LabelledFile;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;

/** One bad sequence in a run that has a checkpoint: named, before any update, nothing lost. */
@Tag("cluster")
class PoisonedSequenceTest extends CommandInput {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Path set;
  private Map<String, String> before;

  @BeforeEach
  void trainOneStep() throws IOException {
    set = folder.resolve("set");
    copyData(set);
    CommandRun first = step("1");
    assertThat(first.err()).isEmpty();
    before = checkpoint();
  }

  private CommandRun step(String steps) {
    long all = sequences().size();
    return train(model, set, "--batch", all, "--steps", steps, "--checkpoint-every", 1, "--resume");
  }

  @Test
  void labelsThatAreAllIgnored() throws Exception {
    poison((ids, labels) -> Arrays.fill(labels, TokenSequence.IGNORED));

    assertRefused(step("2"), "step 2: document book.txt, offset 0: no label counts");
    assertNothingLost();
  }

  @Test
  void aTokenOutsideTheVocabulary() throws Exception {
    poison((ids, labels) -> ids[3] = 2048);

    assertRefused(
        step("2"), "step 2: document book.txt, offset 0: token 2048", "vocabulary of 2048");
    assertNothingLost();
  }

  @Test
  void aLabelOutsideTheVocabulary() throws Exception {
    poison((ids, labels) -> labels[3] = -7);

    assertRefused(step("2"), "step 2: document book.txt, offset 0: label -7");
    assertNothingLost();
  }

  @Test
  void anAdapterThatGivesNoFiniteLoss() throws IOException {
    Checkpoint whole = store().load(1);
    Arrays.fill(whole.adapter().values(), 1e30f);
    store().save(whole, Losses.UNKNOWN);
    before = checkpoint();

    assertRefused(step("2"), "step 2: loss or gradient is not finite", "document book.txt, offset");
    assertNothingLost();
  }

  @Test
  void anAdapterThatIsNotFiniteIsPassedOver() throws IOException {
    assertThat(step("2").err()).isEmpty();
    before = checkpoint();
    Checkpoint newest = store().load(2);
    newest.adapter().values()[5] = Float.NaN;
    store().save(newest, Losses.UNKNOWN);

    assertThat(store().latestWhole().orElseThrow().state().step()).isEqualTo(1);
    assertThat(checkpoint()).isEqualTo(before);
  }

  private void assertNothingLost() throws IOException {
    assertThat(checkpoint()).isEqualTo(before);
    assertThat(store().steps()).containsExactly(1L);
    assertThat(store().latestWhole()).isPresent();
  }

  private CheckpointStore store() {
    return new CheckpointStore(OutputFolder.of(output.toString(), new Configuration()));
  }

  /** SHA-256 of each file of the first checkpoint. */
  private Map<String, String> checkpoint() throws IOException {
    Map<String, String> sums = new TreeMap<>();
    try (var files = Files.list(output.resolve("checkpoints/step-1"))) {
      for (Path file : files.toList()) {
        sums.put(file.getFileName().toString(), Sha256.hex(Files.readAllBytes(file)));
      }
    }
    return sums;
  }

  private List<TokenSequence> sequences() {
    SequenceDataSet data = SequenceDataSet.open(set.toString(), new Configuration());
    return LongStream.range(0, data.size())
        .mapToObj(data::sequence)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** Writes the data set anew, with labels, after the first sequence was changed. */
  private void poison(BiConsumer<int[], int[]> change) throws IOException {
    List<TokenSequence> sequences = sequences();
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
