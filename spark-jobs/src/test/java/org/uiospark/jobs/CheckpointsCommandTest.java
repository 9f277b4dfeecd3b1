package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;

class CheckpointsCommandTest extends CommandInput {
  private Path run;

  @BeforeEach
  void threeCheckpoints() {
    run = folder.resolve("run");
    saveCheckpoint(run, 2);
    CheckpointStore store =
        new CheckpointStore(
            OutputFolder.of(run.toString(), new org.apache.hadoop.conf.Configuration()));
    Checkpoint first = store.load(1);
    double[] heldOut = {3.5, 3.25, 3.75};
    for (int step = 1; step <= 3; step++) {
      store.save(
          new Checkpoint(
              first.config(),
              first.adapter(),
              first.firstMoment(),
              first.secondMoment(),
              first.state().at(step)),
          new Losses(4.0 - step, heldOut[step - 1]));
    }
  }

  private Path file(int step, String name) {
    return run.resolve("checkpoints/step-" + step).resolve(name);
  }

  private void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private CommandRun checkpoints(String action, Object... more) {
    Object[] words = new Object[4 + more.length];
    System.arraycopy(new Object[] {"checkpoints", action, "--output", run}, 0, words, 0, 4);
    System.arraycopy(more, 0, words, 4, more.length);
    return CommandRun.of(words);
  }

  @Test
  void listShowsStepTimeSizeLossesAndState() throws Exception {
    Files.delete(file(3, "MANIFEST.json"));
    cut(file(1, "optimizer.safetensors"));

    CommandRun list = checkpoints("list");

    assertThat(list.status()).as(list.err()).isZero();
    String[] lines = list.out().lines().toArray(String[]::new);
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).contains("step", "written", "MB", "loss", "held-out");
    assertThat(lines[1]).matches(" +3 +[0-9.]+ +torn");
    assertThat(lines[2]).matches(" +2 +20[0-9-]+T[0-9:]+Z +[0-9.]+ +2.0000 +3.2500  whole, best");
    assertThat(lines[3]).matches(" +1 +20[0-9-]+T[0-9:]+Z +[0-9.]+ +3.0000 +3.5000  damaged");
  }

  @Test
  void verifyReadsEverythingAndEndsWithTwoIfOneIsNotWhole() throws Exception {
    CommandRun good = checkpoints("verify");
    assertThat(good.status()).as(good.err()).isZero();
    assertThat(good.out())
        .isEqualToNormalizingNewlines("step-3 is whole\nstep-2 is whole\nstep-1 is whole\n");

    flip(file(2, "adapter.safetensors"));
    CommandRun bad = checkpoints("verify");
    assertThat(bad.status()).isEqualTo(2);
    assertThat(bad.out()).hasLineCount(3).contains("step-2 is not whole: adapter.safetensors of");
    assertThat(bad.err()).startsWith("uio: not whole in").contains("step-2;").hasLineCount(1);
    assertThat(checkpoints("verify", "--step", 1).status()).isZero();
    assertThat(checkpoints("verify", "--step", 2).status()).isEqualTo(2);
    CommandRun.assertRefused(
        checkpoints("verify", "--step", 9), "no checkpoint step-9", "[3, 2, 1]");
  }

  @Test
  void anOutputWithoutCheckpointsIsRefused() {
    run = folder.resolve("nothing");

    CommandRun.assertRefused(checkpoints("list"), "nothing has no checkpoints");
    CommandRun.assertRefused(checkpoints("verify"), "nothing has no checkpoints");
    CommandRun.assertRefused(checkpoints("unlock"), "nothing does not exist");
    run = folder;
    CommandRun.assertRefused(checkpoints("unlock"), "is no output of a training run");
  }

  @Test
  void unlockRemovesTheLockOfAnotherMachineAndTellsWhoseItWas() throws Exception {
    Files.writeString(
        run.resolve("train.lock"),
        """
        {"id":"a","host":"box-7","machine":"another","pid":4711,"since":"2026-01-02T03:04:05Z"}
        """);

    CommandRun unlock = checkpoints("unlock");

    assertThat(unlock.status()).as(unlock.err()).isZero();
    assertThat(unlock.out())
        .contains("removed the lock of process 4711 on box-7, since 2026-01-02");
    assertThat(run.resolve("train.lock")).doesNotExist();
    assertThat(checkpoints("unlock").out()).isEqualToNormalizingNewlines("no lock\n");
  }
}
