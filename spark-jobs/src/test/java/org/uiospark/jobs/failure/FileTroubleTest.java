package org.uiospark.jobs.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class FileTroubleTest {
  private static final IOException FULL = new IOException("No space left on device");

  @Test
  void theLineTellsWhatWhereAndWhatToDo() {
    Throwable failure =
        new CompletionException(
            new UncheckedIOException(
                "step-2 cannot be written",
                new FileSystemException("/out/step-2/x", null, FULL.getMessage())));

    assertThat(FileTrouble.line(failure))
        .contains(
            "step-2 cannot be written: /out/step-2/x: No space left on device; free space there or name another place");
  }

  @Test
  void anErrorOfHadoopsLocalFileSystemIsTroubleToo() throws IOException {
    FileSystem local = FileSystem.getLocal(new Configuration()).getRawFileSystem();
    Throwable full =
        catchThrowable(
            () -> {
              try (OutputStream out = local.append(new Path("/dev/full"))) {
                out.write(1);
              }
            });

    assertThat(full).isInstanceOf(FSError.class);
    assertThat(FileTrouble.line(new IllegalStateException(full)))
        .contains("No space left on device; free space there or name another place");
  }

  @Test
  void aSystemThatSpeaksAnotherLanguageIsTroubleToo() {
    assertThat(
            FileTrouble.line(
                new UncheckedIOException(
                    new FileSystemException("/out", null, "Das Dateisystem ist nur lesbar"))))
        .contains("/out: Das Dateisystem ist nur lesbar; mend that place or name another");
    assertThat(FileTrouble.line(new UncheckedIOException(new NoSuchFileException("/in"))))
        .contains("/in does not exist; mend that place or name another");
  }

  @Test
  void whatEveryTryOfATaskSaysIsTheUsersAndWhatANodeLostIsNot() {
    assertThat(FileTrouble.line(new SparkException("Job aborted", FULL)))
        .contains(
            "a task failed every time: No space left on device; free space there or name another place");
    assertThat(FileTrouble.line(new SparkException("", new NoSuchFileException("/in")))).isEmpty();
  }

  @Test
  void aNetworkIsNoTroubleWithFiles() {
    assertThat(FileTrouble.line(new UncheckedIOException(new ConnectException("refused"))))
        .isEmpty();
  }
}
