package org.uiospark.data.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.commit.Placement.Step;

class PlacementTest {
  @TempDir java.nio.file.Path folder;

  /** One move fails while another is on its way, which ends only when that one has failed. */
  private static final class Slow extends RawLocalFileSystem {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch failed = new CountDownLatch(1);
    private volatile boolean broken;
    private volatile boolean ended;

    @Override
    public boolean exists(Path path) {
      return false;
    }

    @Override
    public boolean rename(Path source, Path target) throws IOException {
      try {
        if (target.getName().equals("bad")) {
          begun.await();
          failed.countDown();
          throw new IOException("the disk is full");
        }
        begun.countDown();
        failed.await();
        // The other thread has the exception by now, as far as a test can tell.
        TimeUnit.MILLISECONDS.sleep(200);
        ended = true;
        return true;
      } catch (InterruptedException e) {
        broken = true;
        return false;
      }
    }
  }

  @Test
  void whereOneMoveFailsThoseOnTheirWayAreWaitedFor() throws Exception {
    try (Slow files = new Slow()) {
      files.initialize(URI.create("file:///"), new Configuration(false));
      Placement placement = new Placement(files);

      assertThatThrownBy(() -> placement.place(List.of(step("bad"), step("good"))))
          .isInstanceOf(IOException.class)
          .hasMessage("the disk is full");

      assertThat(files.ended).isTrue();
      assertThat(files.broken).isFalse();
    }
  }

  private Step step(String name) {
    return new Step(new Path(folder + "/from-" + name), new Path(folder + "/" + name), "");
  }
}
