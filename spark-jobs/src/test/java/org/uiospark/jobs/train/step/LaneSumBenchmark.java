package org.uiospark.jobs.train.step;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The gradients of two lanes, to bytes and added on the driver. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LaneSumBenchmark {
  /** Values of the adapter. */
  @Param({"1000000", "8000000"})
  public int size;

  private LaneGradient lane;
  private float[] values;
  private byte[] encoded;

  /** A random gradient. */
  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(0);
    values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    lane = LaneGradient.empty().plus("document", 1, 1, 1, 1);
    encoded = encode();
  }

  /** What a task sends. */
  @Benchmark
  public byte[] encode() {
    return lane.encode(size, bytes -> bytes.put(values));
  }

  /** What the driver does with two of them: the mean gradient. */
  @Benchmark
  public float[] add() {
    LaneSum sum = new LaneSum(1, 2, size);
    sum.apply(0, encoded);
    sum.apply(1, encoded);
    return sum.mean();
  }
}
