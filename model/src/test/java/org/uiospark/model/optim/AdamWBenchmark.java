package org.uiospark.model.optim;

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
import org.uiospark.model.adapter.AdapterShape;

/** What the driver does with a gradient: clipping and the update. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AdamWBenchmark {
  /** LoRA rank: adapters of 1 M and 8 M values. */
  @Param({"64", "512"})
  public int rank;

  private AdamW optimizer;
  private float[] values;
  private float[] gradient;

  /** Fresh moments and a random gradient. */
  @Setup
  public void open() {
    AdapterShape shape = new AdapterShape(2, 1024, 1024, 1024, rank, 1);
    optimizer = new AdamW(AdamWSettings.DEFAULT, shape);
    values = new float[shape.size()];
    gradient = new float[shape.size()];
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) (random.nextDouble() - 0.5);
    }
  }

  /** The global norm and scaling. */
  @Benchmark
  public double clip() {
    double norm = GradientNorm.of(gradient);
    GradientNorm.clip(gradient, norm, 1);
    return norm;
  }

  /** AdamW on all cores. */
  @Benchmark
  public void update() {
    optimizer.update(values, gradient, 1e-4);
  }
}
