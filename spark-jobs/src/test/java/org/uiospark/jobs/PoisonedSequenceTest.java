package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;

/** One bad sequence in a run that has a checkpoint: named, before any update, nothing lost. */
@Tag("cluster")
class PoisonedSequenceTest extends CommandInput {
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
    long all = PoisonedSet.sequences(set).size();
    return train(model, set, "--batch", all, "--steps", steps, "--checkpoint-every", 1, "--resume");
  }

  @Test
  void labelsThatAreAllIgnored() throws Exception {
    PoisonedSet.poison(set, (ids, labels) -> Arrays.fill(labels, TokenSequence.IGNORED));

    assertRefused(step("2"), "step 2: document book.txt, offset 0: no label counts");
    assertNothingLost();
  }

  @Test
  void aTokenOutsideTheVocabulary() throws Exception {
    PoisonedSet.poison(set, (ids, labels) -> ids[3] = 2048);

    assertRefused(
        step("2"), "step 2: document book.txt, offset 0: token 2048", "vocabulary of 2048");
    assertNothingLost();
  }

  @Test
  void aLabelOutsideTheVocabulary() throws Exception {
    PoisonedSet.poison(set, (ids, labels) -> labels[3] = -7);

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
}
