package org.uiospark.jobs.audit;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.PairProducts;

/**
 * Draws of an estimator beside the exact gradient of one sequence, over what estimators change.
 *
 * @param ratioMean mean of {@code |g| / |exact|} over the draws
 * @param ratioVariance sample variance of that ratio
 * @param meanGradientRatio {@code |mean of g| / |exact|}
 * @param along mean of {@code <g, exact> / |exact|^2}: 1 for an unbiased estimator
 * @param bias {@code |E g - exact| / |exact|}, the part that the noise of the mean explains taken
 *     off
 * @param variance {@code E |g - E g|^2 / |exact|^2}
 * @param backPropagated mean number of segments whose encoder is back-propagated
 * @param flops mean floating-point operations of a draw, by the mathematics
 * @param memory mean bytes that the gradient of a draw takes on the device, all graphs kept
 */
record DrawFigures(
    double ratioMean,
    double ratioVariance,
    double meanGradientRatio,
    double along,
    double bias,
    double variance,
    double backPropagated,
    double flops,
    double memory)
    implements Serializable {

  /**
   * Draws.
   *
   * @param random of each draw
   * @param flops of given weights
   * @param memory bytes, of given weights
   */
  static DrawFigures of(
      PairProducts products,
      AuditVariant variant,
      int repeats,
      IntFunction<SplittableRandom> random,
      ToLongFunction<PairWeights> flops,
      ToLongFunction<PairWeights> memory) {
    int segments = products.segments();
    double[] exact = products.flat(new Estimator.Exact().draw(segments, new SplittableRandom(0)));
    double exactSquared = products.product(exact, exact);
    double[] mean = new double[exact.length];
    double along = 0;
    double squares = 0;
    double ratioMean = 0;
    double ratioSquares = 0;
    double touched = 0;
    double cost = 0;
    double bytes = 0;
    for (int repeat = 0; repeat < repeats; repeat++) {
      PairWeights weights = variant.draw(segments, random.apply(repeat));
      double[] drawn = products.flat(weights);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += drawn[i] / repeats;
      }
      along += products.product(drawn, exact) / exactSquared / repeats;
      double squared = products.product(drawn, drawn) / exactSquared;
      squares += squared / repeats;
      // Welford's update.
      double ratio = Math.sqrt(squared);
      double difference = ratio - ratioMean;
      ratioMean += difference / (repeat + 1);
      ratioSquares += difference * (ratio - ratioMean);
      touched += (double) weights.differentiated() / repeats;
      cost += (double) flops.applyAsLong(weights) / repeats;
      bytes += (double) memory.applyAsLong(weights) / repeats;
    }
    double meanSquared = products.product(mean, mean) / exactSquared;
    double variance = Math.max(0, (squares - meanSquared) * repeats / (repeats - 1));
    // |mean - exact|^2 is on average the squared bias and the variance of the mean.
    double biasSquared = meanSquared - 2 * along + 1 - variance / repeats;
    return new DrawFigures(
        ratioMean,
        ratioSquares / (repeats - 1),
        Math.sqrt(meanSquared),
        along,
        Math.sqrt(Math.max(0, biasSquared)),
        variance,
        touched,
        cost,
        bytes);
  }
}
