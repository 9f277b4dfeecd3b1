package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkException;
import org.apache.spark.storage.BroadcastBlockId;
import org.junit.jupiter.api.Test;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.PrepSettings;

/** Tasks that fail leave nothing behind: neither in the output nor in the memory of the session. */
class LostMountTest extends PrepFixture {
  /** Lists the files of this machine, and can open none. */
  public static final class Lost extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("lost:///");
    }

    @Override
    public String getScheme() {
      return "lost";
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int buffer) throws IOException {
      throw new IOException("the mount is lost");
    }
  }

  @Test
  void whatWasSentToTheTasksIsTakenBack() throws Exception {
    spark.sparkContext().hadoopConfiguration().set("fs.lost.impl", Lost.class.getName());
    Files.writeString(path("book.txt"), "The boy ran home. ".repeat(100));
    PrepSettings settings =
        settings("out", new Cutting(32, 4, 1, 2), 1 << 20, "lost://" + path("book.txt"));

    assertThatThrownBy(() -> new PrepJob(spark, settings).run())
        .isInstanceOf(SparkException.class)
        .hasMessageContaining("the mount is lost");

    // Tokenizer and chat were the first two of this session; Spark removes later.
    for (int i = 0; i < 100 && blocks() > 0; i++) {
      Thread.sleep(100);
    }
    assertThat(blocks()).isZero();
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static long blocks() {
    return LongStream.range(0, 2)
        .filter(
            id ->
                spark
                    .sparkContext()
                    .env()
                    .blockManager()
                    .getStatus(new BroadcastBlockId(id, ""))
                    .isDefined())
        .count();
  }
}
