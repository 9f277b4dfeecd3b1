package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.segment.TokenSequence;

/**
 * Inner products of the encoder's gradients through single pairs (t, s) of one sequence.
 *
 * <p>The gradient that an estimator draws is the sum of the pairs' gradients by its weights (README
 * of model, The gradient). So norms, distances and angles of as many draws as one likes follow from
 * the products of the pairs, which are computed once. They are those over {@code mem_embedding} and
 * the encoder's LoRA: the transfer head's gradient is the same under every estimator.
 */
public final class PairProducts {
  private final int segments;
  private final double[][] products;

  private PairProducts(int segments, double[][] products) {
    this.segments = segments;
    this.products = products;
  }

  /**
   * Back-propagates every pair of a sequence by itself.
   *
   * @throws InvalidInputException if the gradients of all pairs do not fit the heap
   */
  public static PairProducts of(MemoryModel model, DeviceAdapter adapter, TokenSequence sequence) {
    int segments = sequence.segments(model.segments().segmentLength());
    long pairs = segments * (segments - 1L) / 2;
    // With their products; in double, for a long text has more than a long counts.
    double bytes =
        pairs * ((double) model.shape().size() * Float.BYTES + (double) pairs * Double.BYTES);
    if (bytes > Runtime.getRuntime().maxMemory() / 4) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "document %s, offset %d: the gradients of its %d pairs of segments take %.0f MiB of heap, over a quarter of it; give the JVM more, or prepare the data with fewer --max-segments",
              sequence.docId(),
              sequence.offset(),
              pairs,
              bytes / (1 << 20)));
    }
    return new PairProducts(segments, products(gradients(model, adapter, sequence, segments)));
  }

  private static float[][] gradients(
      MemoryModel model, DeviceAdapter adapter, TokenSequence sequence, int segments) {
    SegmentReader reader =
        new SegmentReader(
            sequence, model.segments().segmentLength(), model.base().config().vocabSize());
    float[][] gradients = new float[segments * (segments - 1) / 2][];
    int rows = (segments - 1) * model.segments().memoryTokens();
    PairWeights all = new Estimator.Exact().draw(segments, new SplittableRandom(0));
    int pair = 0;
    try (MemoryBank bank = model.bank(rows)) {
      for (int t = 0; t < segments; t++) {
        if (t > 0) {
          // Holds dJ_t / dm_s of this t alone, for each s.
          try (PairSums sums = new PairSums(model, bank, all, rows);
              NDManager scratch = model.base().newManager()) {
            sums.add(
                t, reader.ids(scratch, t), reader.targets(scratch, t), SegmentLoss.CROSS_ENTROPY);
            for (int s = 0; s < t; s++) {
              gradients[pair++] = gradient(model, adapter, reader, sums, s);
            }
          }
        }
        if (t < segments - 1) {
          try (NDManager scratch = model.base().newManager()) {
            NDArray memory = model.encode(reader.ids(scratch, t), adapter);
            bank.append(memory, adapter);
          }
        }
      }
    }
    return gradients;
  }

  private static float[] gradient(
      MemoryModel model, DeviceAdapter adapter, SegmentReader reader, PairSums sums, int s) {
    try (NDManager scratch = model.base().newManager();
        AdapterGradient gradient = adapter.newGradient()) {
      sums.propagate(s, model.encodeWithTape(reader.ids(scratch, s), adapter), gradient);
      return encoderPart(model.shape(), gradient.copy());
    }
  }

  private static float[] encoderPart(AdapterShape shape, float[] gradient) {
    float[] part = new float[gradient.length];
    int size = 0;
    for (AdapterShape.Slot slot : shape.slots()) {
      if (!slot.name().startsWith("transfer.")) {
        System.arraycopy(gradient, slot.offset(), part, size, slot.size());
        size += slot.size();
      }
    }
    return Arrays.copyOf(part, size);
  }

  private static double[][] products(float[][] gradients) {
    double[][] products = new double[gradients.length][gradients.length];
    for (int i = 0; i < gradients.length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < gradients[i].length; k++) {
          sum += (double) gradients[i][k] * gradients[j][k];
        }
        products[i][j] = sum;
        products[j][i] = sum;
      }
    }
    return products;
  }

  /** Number of segments T. */
  public int segments() {
    return segments;
  }

  /** Weights in the order of the pairs, for {@link #product}. */
  public double[] flat(PairWeights weights) {
    double[] flat = new double[products.length];
    int pair = 0;
    for (int t = 1; t < segments; t++) {
      for (int s = 0; s < t; s++) {
        flat[pair++] = weights.weight(t, s);
      }
    }
    return flat;
  }

  /** Inner product of the gradients that two weightings of the pairs give. */
  public double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      if (a[i] != 0) {
        double row = 0;
        for (int j = 0; j < b.length; j++) {
          row += products[i][j] * b[j];
        }
        sum += a[i] * row;
      }
    }
    return sum;
  }
}
