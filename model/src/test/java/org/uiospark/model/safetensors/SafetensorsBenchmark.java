package org.uiospark.model.safetensors;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.infra.Blackhole;

/** A file of 16 tensors of 4 MiB each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SafetensorsBenchmark {
  private static final int VALUES = 1 << 20;

  private Path file;
  private List<FloatTensor> tensors;

  /** Writes the file. */
  @Setup
  public void write() throws IOException {
    float[] values = new float[VALUES];
    for (int i = 0; i < VALUES; i++) {
      values[i] = i;
    }
    tensors =
        IntStream.range(0, 16).mapToObj(i -> FloatTensor.vector("tensor-" + i, values)).toList();
    file = Files.createTempFile("uio-jmh-", ".safetensors");
    SafetensorsWriter.write(file, Map.of(), tensors);
  }

  /** Opening the file and reading every value. */
  @Benchmark
  public void load(Blackhole sink) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.names()) {
        sink.consume(opened.tensor(name).floats(0, VALUES));
      }
    }
  }

  /** Turning the values to bytes, without a disk. */
  @Benchmark
  public void store() throws IOException {
    SafetensorsWriter.write(OutputStream.nullOutputStream(), Map.of(), tensors);
  }

  /** Deletes the file. */
  @TearDown
  public void delete() throws IOException {
    Files.delete(file);
  }
}
