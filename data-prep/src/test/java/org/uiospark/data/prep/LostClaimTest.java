package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.AtomicWrite;

/** A claim that stands although the run that made it does not hear so. */
class LostClaimTest {
  private static final String CLAIM = "_commit-00000.json";

  @TempDir Path folder;
  private SparkSession spark;

  @BeforeEach
  void start() throws IOException {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.hadoop.fs.distant.impl", Distant.class.getName())
            .getOrCreate();
    Files.write(folder.resolve("tokenizer.json"), resource("/tiny-llama/tokenizer.json"));
    String book = new String(resource("/text/tom-sawyer-excerpt.txt"), "UTF-8");
    Files.writeString(folder.resolve("book.txt"), book.substring(0, 20_000));
  }

  @AfterEach
  void stop() {
    Distant.connection = Connection.WHOLE;
    spark.stop();
  }

  @Test
  void aClaimWhoseAnswerIsLostIsFoundToStand() {
    Distant.connection = Connection.LOSES_THE_ANSWER;

    assertThat(prepare().documents()).isEqualTo(1);
    assertCommitted();
  }

  @Test
  void aRunThatCannotLearnWhetherItsClaimStandsLeavesItsFilesToTheNext() {
    Distant.connection = Connection.BREAKS_WITH_THE_ANSWER;

    assertThatThrownBy(this::prepare)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("the connection broke");
    assertThat(folder.resolve("out")).isDirectoryContaining("glob:**" + CLAIM);
    assertThat(folder.resolve("out/state.json")).doesNotExist();

    Distant.connection = Connection.WHOLE;
    PrepSummary next = prepare();
    assertThat(next.documents()).isZero();
    assertThat(next.skipped()).isEqualTo(1);
    assertCommitted();
  }

  private void assertCommitted() {
    SequenceDataSet set = SequenceDataSet.open(out(), spark.sparkContext().hadoopConfiguration());
    assertThat(set.sequence(0).docId()).isEqualTo("book.txt");
    assertThat(folder.resolve("out"))
        .isDirectoryNotContaining("glob:**/" + AtomicWrite.UNCOMMITTED + "*");
  }

  private PrepSummary prepare() {
    PrepSettings settings =
        new PrepSettings(
            List.of(folder.resolve("book.txt").toString()),
            out(),
            folder.resolve("tokenizer.json").toString(),
            64,
            4,
            1,
            0,
            2_000_000,
            0.01);
    return new PrepJob(spark, settings).run();
  }

  private String out() {
    return "distant://" + folder.resolve("out");
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = LostClaimTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** What becomes of the request that makes the claim. */
  private enum Connection {
    WHOLE,
    LOSES_THE_ANSWER,
    BREAKS_WITH_THE_ANSWER
  }

  /** Files of this machine, as if they lay behind a network. */
  public static final class Distant extends RawLocalFileSystem {
    private static volatile Connection connection = Connection.WHOLE;
    private static volatile boolean broken;

    @Override
    public URI getUri() {
      return URI.create("distant:///");
    }

    @Override
    public String getScheme() {
      return "distant";
    }

    @Override
    public boolean rename(org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
        throws IOException {
      boolean renamed = super.rename(from, to);
      if (to.getName().equals(CLAIM) && connection != Connection.WHOLE) {
        broken = connection == Connection.BREAKS_WITH_THE_ANSWER;
        connection = Connection.WHOLE;
        throw new IOException("the connection broke");
      }
      return renamed;
    }

    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) throws IOException {
      if (broken && path.getName().equals(CLAIM)) {
        broken = false;
        throw new IOException("the connection broke");
      }
      return super.getFileStatus(path);
    }
  }
}
