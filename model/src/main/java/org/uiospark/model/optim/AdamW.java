package org.uiospark.model.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.adapter.AdapterShape;

/**
 * AdamW over the flat vector of an adapter, with decoupled weight decay on the LoRA matrices and
 * none on the embedding vectors.
 *
 * <p>Moments are kept in float32 and each element is computed in float64. An element depends on
 * itself alone, so the bits do not depend on the number of threads.
 */
public final class AdamW {
  /** A run of elements with the same weight decay. */
  private record Chunk(int from, int to, double weightDecay) {}

  private final AdamWSettings settings;
  private final float[] firstMoment;
  private final float[] secondMoment;
  private final List<Chunk> chunks = new ArrayList<>();
  private long step;

  /** A fresh optimizer: zero moments, no step taken. */
  public AdamW(AdamWSettings settings, AdapterShape shape) {
    this(settings, shape, new float[shape.size()], new float[shape.size()], 0);
  }

  /**
   * An optimizer that goes on where another stopped.
   *
   * @param firstMoment as {@link #firstMoment} gave it; kept, not copied
   * @param secondMoment as {@link #secondMoment} gave it; kept, not copied
   * @param step number of updates taken
   */
  public AdamW(
      AdamWSettings settings,
      AdapterShape shape,
      float[] firstMoment,
      float[] secondMoment,
      long step) {
    requireLength(firstMoment, shape.size());
    requireLength(secondMoment, shape.size());
    if (step < 0) {
      throw new IllegalArgumentException("step " + step);
    }
    this.settings = settings;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.step = step;
    for (AdapterShape.Slot slot : shape.slots()) {
      boolean embedding = slot.columns() == 0;
      int end = slot.offset() + slot.size();
      for (int from = slot.offset(), to; from < end; from = to) {
        to = Math.min(end - from, Chunks.SIZE) + from;
        chunks.add(new Chunk(from, to, embedding ? 0 : settings.weightDecay()));
      }
    }
  }

  /**
   * Takes one step in place.
   *
   * @param values the adapter
   * @param gradient finite, of the same layout; not changed
   * @param learningRate of this step
   */
  public void update(float[] values, float[] gradient, double learningRate) {
    requireLength(values, firstMoment.length);
    requireLength(gradient, firstMoment.length);
    step++;
    // StrictMath: the same bits on every machine.
    double correction1 = 1 - StrictMath.pow(settings.beta1(), step);
    double correction2 = 1 - StrictMath.pow(settings.beta2(), step);
    double stepSize = learningRate / correction1;
    double rootCorrection2 = Math.sqrt(correction2);
    chunks.parallelStream()
        .forEach(chunk -> update(chunk, values, gradient, learningRate, stepSize, rootCorrection2));
  }

  private void update(
      Chunk chunk,
      float[] values,
      float[] gradient,
      double learningRate,
      double stepSize,
      double rootCorrection2) {
    double beta1 = settings.beta1();
    double beta2 = settings.beta2();
    double epsilon = settings.epsilon();
    double keep = 1 - learningRate * chunk.weightDecay();
    double[] g = new double[Chunks.PIECE];
    double[] m = new double[Chunks.PIECE];
    double[] v = new double[Chunks.PIECE];
    double[] p = new double[Chunks.PIECE];
    for (int from = chunk.from(); from < chunk.to(); from += Chunks.PIECE) {
      int count = Math.min(Chunks.PIECE, chunk.to() - from);
      Chunks.widen(gradient, from, g, count);
      Chunks.widen(firstMoment, from, m, count);
      Chunks.widen(secondMoment, from, v, count);
      Chunks.widen(values, from, p, count);
      for (int i = 0; i < count; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        p[i] = p[i] * keep - stepSize * m[i] / (Math.sqrt(v[i]) / rootCorrection2 + epsilon);
      }
      Chunks.narrow(m, firstMoment, from, count);
      Chunks.narrow(v, secondMoment, from, count);
      Chunks.narrow(p, values, from, count);
    }
  }

  private static void requireLength(float[] vector, int length) {
    if (vector.length != length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "optimizer of %d values got a vector of %d", length, vector.length));
    }
  }

  /** The running mean of gradients, shared and not copied. */
  public float[] firstMoment() {
    return firstMoment;
  }

  /** The running mean of squared gradients, shared and not copied. */
  public float[] secondMoment() {
    return secondMoment;
  }

  /** Number of updates taken. */
  public long step() {
    return step;
  }

  /** The settings that it was made with. */
  public AdamWSettings settings() {
    return settings;
  }
}
