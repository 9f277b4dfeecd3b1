package org.uiospark.data.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.dataset.DataSetState;
import org.uiospark.data.dataset.Recipe;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TokenizerIdentity;

class CommitLogTest {
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;
  private CommitLog log;

  @BeforeEach
  void open() throws IOException {
    log = new CommitLog(folder.toString(), HADOOP);
  }

  @Test
  void ofTwoRunsThatBeganWithTheSameStateOneWins() throws Exception {
    assertThat(claim(state(0), "a")).isTrue();
    assertThat(claim(state(0), "b")).isFalse();
    assertThat(log.owner(state(0))).contains("process " + ProcessHandle.current().pid());
    log.rollForward();
    assertThat(content("data-0")).isEqualTo(rows("a"));
    assertThat(content("_uncommitted-b/part.arrow")).isEqualTo(rows("b"));
    assertThat(claim(state(1), "c")).isTrue();
    log.rollForward();
    assertThat(DataSetState.read(folder.toString(), HADOOP)).isEqualTo(state(2));
    assertThat(content("data-0") + content("data-1")).isEqualTo(rows("a") + rows("c"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void whateverARunDidOfItsCommitBeforeItDiedTheNextFinishesIt(int steps) throws Exception {
    claim(state(0), "dead");
    Path work = folder.resolve("_uncommitted-dead");
    if (steps > 0) {
      Files.move(work.resolve("part.arrow"), folder.resolve("data-0"));
    }
    if (steps > 1) {
      Files.move(work.resolve("ledger"), folder.resolve("ledger-0"));
    }
    if (steps > 2) {
      Files.writeString(folder.resolve("dataset_info.json"), "{}");
    }
    assertThat(DataSetState.exists(folder.toString(), HADOOP)).isFalse();
    log.rollForward();
    assertThat(DataSetState.read(folder.toString(), HADOOP)).isEqualTo(state(1));
    assertThat(content("data-0")).isEqualTo(rows("dead"));
    assertThat(content("ledger-0")).isEqualTo(documents("dead"));
    assertThat(work).doesNotExist();
  }

  @Test
  void aSlowRunDoesNotBringAnOldStateBack() throws Exception {
    claim(state(0), "slow");
    log.rollForward();
    byte[] old = Files.readAllBytes(folder.resolve("state.json"));
    claim(state(1), "fast");
    log.rollForward();
    Files.write(folder.resolve("state.json"), old);
    log.rollForward();
    assertThat(DataSetState.read(folder.toString(), HADOOP)).isEqualTo(state(2));
  }

  @Test
  void aFileOfAnotherOwnerIsNeitherTakenNorReplaced() throws Exception {
    Files.writeString(folder.resolve("data-0"), "mine");
    claim(state(0), "a");
    assertThatThrownBy(log::rollForward)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("data-0")
        .hasMessageContaining("move it elsewhere");
    assertThat(content("data-0")).isEqualTo("mine");
    Files.delete(folder.resolve("data-0"));
    log.rollForward();
    assertThat(content("data-0")).isEqualTo(rows("a"));
  }

  @Test
  void aFileOfADecidedCommitThatWasDeletedIsNamed() throws Exception {
    claim(state(0), "a");
    Path part = folder.resolve("_uncommitted-a/part.arrow");
    Files.delete(part);
    assertThatThrownBy(log::rollForward)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(part + " is gone")
        .hasMessageContaining("put it back");
    Files.writeString(part, rows("a"));
    log.rollForward();
    assertThat(content("data-0")).isEqualTo(rows("a"));
  }

  @Test
  void ofManyThatCreateAFileAtOnceOneDoes() throws Exception {
    FileSystem files =
        AtomicWrite.fileSystem(new org.apache.hadoop.fs.Path(folder.toString()), HADOOP);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 50; round++) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder + "/f" + round);
        List<Callable<Boolean>> all = new ArrayList<>();
        IntStream.range(0, 8)
            .forEach(i -> all.add(() -> AtomicWrite.create(files, path, new byte[] {(byte) i})));
        int winners = 0;
        for (Future<Boolean> won : pool.invokeAll(all)) {
          winners += won.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private boolean claim(DataSetDescription before, String run) throws IOException {
    int generation = before.ledgers().size();
    Path work = Files.createDirectories(folder.resolve("_uncommitted-" + run));
    Files.writeString(work.resolve("part.arrow"), rows(run));
    Files.writeString(work.resolve("ledger"), documents(run));
    DataSetDescription after = state(generation + 1);
    List<Move> moves =
        List.of(
            new Move("part.arrow", "data-" + generation, sha256(rows(run))),
            new Move("ledger", "ledger-" + generation, sha256(documents(run))));
    return log.claim(
        new Addition(before, after, moves),
        DataSetState.json(after, "4.1.1"),
        work.getFileName().toString());
  }

  private DataSetDescription state(int generation) {
    List<DataFile> data = new ArrayList<>();
    List<Ledger> ledgers = new ArrayList<>();
    for (int i = 0; i < generation; i++) {
      data.add(new DataFile("data-" + i, 1, rows("").length(), "of no matter here", ""));
      ledgers.add(new Ledger("ledger-" + i, "of no matter here"));
    }
    return new DataSetDescription(
        folder.toString(),
        "f" + generation,
        new Recipe(Objective.LM, new Cutting(64, 4, 1, 0), TokenizerIdentity.UNKNOWN, 10, ""),
        generation,
        64,
        data,
        ledgers);
  }

  /** As long for any run, and long enough for the one row that the state gives it. */
  private static String rows(String run) {
    return String.format(Locale.ROOT, "%-24s", "the rows of " + run);
  }

  private static String documents(String run) {
    return "documents of " + run;
  }

  private String content(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private static String sha256(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
  }
}
