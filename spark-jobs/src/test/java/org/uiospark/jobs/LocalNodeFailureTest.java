package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.uiospark.jobs.CommandRun.assertRefused;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.failure.Failures;
import org.uiospark.jobs.task.TaskAnswer;
import picocli.CommandLine;

/** On one machine, in one process, what belongs to the machine is one line and no stack trace. */
@Tag("cluster")
class LocalNodeFailureTest extends CommandInput {
  /** Work of a task that is sent to it. */
  private interface Work extends Supplier<Long>, Serializable {}

  @Test
  void aDataFileThatChangedOnDisk() throws IOException {
    Path set = folder.resolve("set");
    copyData(set);
    Path arrow = set.resolve("data-00000-of-00001.arrow");
    byte[] bytes = Files.readAllBytes(arrow);
    bytes[bytes.length / 2] ^= 1;
    Files.write(arrow, bytes);

    assertRefused(
        train(model, set, "--steps", 1),
        "data set ",
        " cannot be used: ",
        "is damaged: its SHA-256 is not that of state.json");
  }

  @Test
  void nativeMemoryThatRanOut() throws IOException {
    assertThat(
            line(
                () -> {
                  try (NDManager manager = NDManager.newBaseManager()) {
                    return manager.zeros(new Shape(1L << 44)).getShape().size();
                  }
                }))
        .startsWith("uio: the memory of cpu() ran out: ")
        .contains("you tried to allocate 70368744177664 bytes")
        .endsWith("; have fewer tasks share it, or take a machine with more\n")
        .hasLineCount(1);
  }

  @Test
  void aHeapThatRanOut() throws IOException {
    assertThat(line(() -> (long) new long[Integer.MAX_VALUE - 8].length))
        .startsWith("uio: the memory of the JVM ran out: Java heap space; raise UIO_DRIVER_MEMORY")
        .hasLineCount(1);
  }

  /** What a command says whose task does this. */
  private static String line(Work work) throws IOException {
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine().setErr(new PrintWriter(err));
    try (SparkSession session = LocalSpark.start(1)) {
      Exception failure =
          catchThrowableOfType(
              Exception.class,
              () ->
                  new JavaSparkContext(session.sparkContext())
                      .parallelize(List.of(1), 1)
                      .map(item -> TaskAnswer.of(work))
                      .first()
                      .orRefuse());
      assertThat(Failures.failed(failure, command, null)).isEqualTo(2);
    }
    return err.toString();
  }

  @Test
  void aTaskThatIsTriedOnceIsTriedNowhereElse() throws IOException {
    System.setProperty("spark.excludeOnFailure.enabled", "true");
    System.setProperty("spark.task.maxFailures", "1");
    try {
      assertThat(train(model, data(), "--steps", 1).err()).isEmpty();
    } finally {
      System.clearProperty("spark.excludeOnFailure.enabled");
      System.clearProperty("spark.task.maxFailures");
    }
  }
}
