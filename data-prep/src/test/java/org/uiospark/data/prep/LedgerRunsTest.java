package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.uiospark.data.commit.Addition;
import org.uiospark.data.commit.CommitLog;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.DocumentName;
import org.uiospark.data.commit.KnownDocument;
import org.uiospark.data.commit.WorkFolder;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.dataset.DataSetState;
import org.uiospark.data.dataset.Recipe;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.Objective;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TokenizerIdentity;

/** A list of documents that is too long for one file. */
class LedgerRunsTest extends PrepFixture {
  private static final Configuration HADOOP = new Configuration();
  private static final Recipe RECIPE =
      new Recipe(Objective.LM, new Cutting(64, 4, 1, 0), TokenizerIdentity.UNKNOWN, 10, "");

  @Test
  void isCommittedInPagesOfWhichEachIsChecked() throws Exception {
    DocumentLedgers ledgers = new DocumentLedgers(out("out"), HADOOP);
    LedgerRuns runs = new LedgerRuns(spark, out("out"));
    CommitLog log = new CommitLog(out("out"), HADOOP);
    DataSetDescription before = DataSetDescription.empty(out("out"), RECIPE);
    try (WorkFolder work = WorkFolder.create(out("out"), HADOOP)) {
      List<ShardResult> results =
          List.of(
              result(work.path(), 0, DocumentLedgers.PAGE / 2, "one", "two"),
              result(work.path(), 1, DocumentLedgers.PAGE / 2, "three"),
              result(work.path(), 2, 1, "four"));
      List<Move> pages = runs.pages(0, results, work.path());
      Move list = ledgers.list(0, pages, work.path());
      Addition addition = Addition.of(before, List.of(), pages, list);
      work.handOver();
      assertThat(
              log.claim(addition, DataSetState.json(addition.after(), "4"), work.path().getName()))
          .isTrue();
    }
    log.rollForward();

    DataSetDescription after = DataSetState.read(out("out"), HADOOP);
    assertThat(after.ledgers())
        .extracting(Ledger::filename)
        .containsExactly("documents-00000.json");
    List<Ledger> pages = ledgers.pages(after.ledgers());
    assertThat(pages)
        .extracting(Ledger::filename)
        .containsExactly("documents-00000-00000.jsonl.gz", "documents-00000-00001.jsonl.gz");
    runs.check(pages);
    assertThat(known(ledgers, pages.get(0))).isEqualTo(keys("one", "two", "three"));
    assertThat(known(ledgers, pages.get(1))).isEqualTo(keys("four"));

    spoil("documents-00000-00001.jsonl.gz");
    assertThatThrownBy(() -> runs.check(pages))
        .hasMessageContaining(NodeFailureException.class.getName())
        .hasMessageContaining("documents-00000-00001.jsonl.gz is damaged");
    // As it was: of two that cannot be read either may be named.
    spoil("documents-00000-00001.jsonl.gz");
    Files.delete(folder.resolve("out/documents-00000-00000.jsonl.gz"));
    assertThatThrownBy(() -> runs.check(pages))
        .hasMessageContaining(NodeFailureException.class.getName())
        .hasMessageContaining("documents-00000-00000.jsonl.gz is missing");
    spoil("documents-00000.json");
    assertThatThrownBy(() -> ledgers.pages(after.ledgers()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("documents-00000.json is damaged");
  }

  /** Files of this machine, of which the first that is opened lacks its first byte. */
  public static final class Stale extends RawLocalFileSystem {
    private static final AtomicBoolean SEEN = new AtomicBoolean();

    @Override
    public URI getUri() {
      return URI.create("stale:///");
    }

    @Override
    public String getScheme() {
      return "stale";
    }

    @Override
    public FSDataInputStream open(Path file, int buffer) throws IOException {
      FSDataInputStream in = super.open(file, buffer);
      if (SEEN.compareAndSet(false, true)) {
        in.seek(1);
      }
      return in;
    }
  }

  @Test
  void aPageThatOneMachineSeesDamagedIsLookedAtElsewhere() throws Exception {
    spark.stop();
    spark = session("local[2,2]");
    spark.sparkContext().hadoopConfiguration().set("fs.stale.impl", Stale.class.getName());
    Files.createDirectory(folder.resolve("out"));
    Files.writeString(folder.resolve("out/page"), "documents");
    List<Ledger> pages = List.of(new Ledger("page", sha256("documents")));

    new LedgerRuns(spark, "stale://" + out("out")).check(pages);

    assertThat(Stale.SEEN).isTrue();
    spark.stop();
    spark = session(3);
  }

  /** A task's list of documents with these texts, which says to be so long. */
  private static ShardResult result(Path work, int shard, long bytes, String... texts)
      throws IOException {
    ShardResult result = new ShardResult(shard);
    result.ledgerPath = new Path(work, "list-" + shard).toString();
    result.ledgerBytes = bytes;
    java.nio.file.Path list = java.nio.file.Path.of(new Path(result.ledgerPath).toUri().getPath());
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(list))) {
      for (String text : texts) {
        String line =
            String.format(
                Locale.ROOT,
                "{\"doc_id\": \"%s\", \"sha256\": \"%s\", \"identity\": \"content\"}%n",
                text,
                sha256(text));
        out.write(line.getBytes(UTF_8));
      }
    }
    return result;
  }

  private static List<KnownDocument> known(DocumentLedgers ledgers, Ledger page)
      throws IOException {
    List<KnownDocument> known = new ArrayList<>();
    ledgers.documents(page, Duplicates.DROP).forEachRemaining(known::add);
    return known;
  }

  private static List<KnownDocument> keys(String... texts) {
    List<KnownDocument> keys = new ArrayList<>();
    for (String text : texts) {
      keys.add(new KnownDocument(DocumentName.at(text).key(sha256(text), Duplicates.DROP), true));
    }
    return keys;
  }

  private static String sha256(String text) {
    return Sha256.hex(text.getBytes(UTF_8));
  }

  private void spoil(String name) throws IOException {
    java.nio.file.Path file = folder.resolve("out").resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
