package org.uiospark.model.estimator;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The weight of {@code dJ_t / dm_s} in the gradient of the encoder, for every pair of a decoded
 * segment t and an earlier segment s of one sequence.
 *
 * <p>Under every estimator a memory counts in the segments from one behind its own up to one at
 * which it stops, and the weight depends on the segment that is decoded alone. So a weight follows
 * from those two when it is asked for: what is held grows with the segments, not with their pairs.
 *
 * <p>All randomness of an estimator is drawn before the sequence starts, so the sweeps that compute
 * the gradient are the same for every estimator.
 */
public final class PairWeights {
  private final int segments;
  private final IntUnaryOperator begin;
  private final IntUnaryOperator end;
  private final IntToDoubleFunction factor;

  private PairWeights(
      int segments, IntUnaryOperator begin, IntUnaryOperator end, IntToDoubleFunction factor) {
    this.segments = segments;
    this.begin = begin;
    this.end = end;
    this.factor = factor;
  }

  /**
   * Weights of memories that count from the segment right behind their own on.
   *
   * @param segments of the sequence, T
   * @param end the segment from which on the memory of s counts no more: s + 1 if it never counts,
   *     T if it counts to the last
   * @param factor the weight of the memories that count in segment t, not 0
   */
  static PairWeights upTo(int segments, IntUnaryOperator end, IntToDoubleFunction factor) {
    return new PairWeights(segments, s -> s + 1, end, factor);
  }

  /** Memories that are in a reservoir up to step {@code end} weigh {@code max(1, t / window)}. */
  static PairWeights ofReservoir(int[] end, int window) {
    return upTo(end.length, s -> end[s], reservoirFactor(window));
  }

  /**
   * Pairs (t, s) with s in the reservoir at step t weigh {@code max(1, t / window)}.
   *
   * @param reservoir the content of the reservoir at each step t; what leaves does not come back
   * @param window slots of the reservoir, S
   */
  public static PairWeights ofReservoir(List<? extends Set<Integer>> reservoir, int window) {
    int[] begin = new int[reservoir.size()];
    int[] end = new int[reservoir.size()];
    for (int t = 0; t < end.length; t++) {
      for (int s : reservoir.get(t)) {
        if (s >= t || end[s] != 0 && end[s] != t) {
          throw new IllegalArgumentException(
              String.format(Locale.ROOT, "segment %d cannot enter the reservoir at step %d", s, t));
        }
        begin[s] = end[s] == 0 ? t : begin[s];
        end[s] = t + 1;
      }
    }
    return new PairWeights(end.length, s -> begin[s], s -> end[s], reservoirFactor(window));
  }

  private static IntToDoubleFunction reservoirFactor(int window) {
    return t -> Math.max(1, (double) t / window);
  }

  /** The same pairs, each with weight 1: what an estimator gives without its correcting factor. */
  public PairWeights withoutFactor() {
    return new PairWeights(segments, begin, end, t -> 1);
  }

  /** Number of segments T. */
  public int segments() {
    return segments;
  }

  /** Weight of {@code dJ_t / dm_s}, for s &lt; t. */
  public double weight(int t, int s) {
    return t >= begin.applyAsInt(s) && t < end.applyAsInt(s) ? factor.applyAsDouble(t) : 0;
  }

  /** Whether any pair with s has weight: if not, s is never back-propagated. */
  public boolean differentiates(int s) {
    return begin.applyAsInt(s) < end.applyAsInt(s);
  }

  /** Number of segments that are back-propagated: what the cost of the weights goes with. */
  public int differentiated() {
    return (int) IntStream.range(0, segments).filter(this::differentiates).count();
  }

  /** Whether the weight of a pair depends on s alone, so that one sum over t serves. */
  public boolean dependOnMemoryAlone() {
    int first =
        IntStream.range(0, segments).filter(this::differentiates).findFirst().orElse(segments);
    boolean always =
        IntStream.range(first, segments)
            .filter(this::differentiates)
            .allMatch(s -> begin.applyAsInt(s) == s + 1 && end.applyAsInt(s) == segments);
    return always
        && IntStream.range(first + 1, segments)
            .allMatch(t -> factor.applyAsDouble(t) == factor.applyAsDouble(first + 1));
  }
}
