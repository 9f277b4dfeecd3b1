package org.uiospark.data.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.uiospark.model.segment.TokenSequence;

/** 256 sequences of 8192 tokens in one Arrow file. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-opens=java.base/java.nio=ALL-UNNAMED")
public class SequenceDataSetBenchmark {
  private static final int SEQUENCES = 256;

  private final SplittableRandom random = new SplittableRandom(0);
  private Path folder;
  private SequenceDataSet data;

  /** Writes and opens the data set. */
  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("uio-jmh-");
    Configuration configuration = new Configuration();
    TokenDataSet.write(
        folder.toString(),
        IntStream.range(0, SEQUENCES)
            .mapToObj(i -> TokenSequence.of("d" + i, 0, random.ints(8192, 0, 4096).toArray()))
            .toList(),
        512,
        4096,
        "none",
        configuration);
    data = SequenceDataSet.open(folder.toString(), configuration);
  }

  /** Any one sequence, as a lane reads it. */
  @Benchmark
  public TokenSequence read() {
    return data.sequence(random.nextInt(SEQUENCES));
  }

  /** Deletes the data set. */
  @TearDown
  public void delete() {
    FileUtil.fullyDelete(folder.toFile());
  }
}
