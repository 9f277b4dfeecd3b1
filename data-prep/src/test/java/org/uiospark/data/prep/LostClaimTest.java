package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.summary.PrepSummary;

/** A claim that stands although the run that made it does not hear so. */
class LostClaimTest extends PrepFixture {
  private static final String CLAIM = "_commit-00000.json";

  @BeforeEach
  void write() throws IOException {
    spark.sparkContext().hadoopConfiguration().set("fs.distant.impl", Distant.class.getName());
    Files.writeString(path("book.txt"), book().substring(0, 20_000));
  }

  @AfterEach
  void mend() {
    Distant.connection = Connection.WHOLE;
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
        settings("out", new Cutting(64, 4, 1, 0), 2_000_000, input.toString()).withOutput(out());
    return new PrepJob(spark, settings).run();
  }

  private String out() {
    return "distant://" + out("out");
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
