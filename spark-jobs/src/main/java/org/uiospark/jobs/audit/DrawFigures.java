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
   * Draws, and compares the draws by the products of the pairs.
   *
   * @param repeats number of draws, at least 2
   * @param random what each draw is made from, by its number from 0
   * @param flops floating-point operations of a gradient with such weights
   * @param memory bytes of such a gradient on the device
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
    EstimatorComparison comparison = new EstimatorComparison(exact, products::product, repeats);
    double touched = 0;
    double cost = 0;
    double bytes = 0;
    for (int repeat = 0; repeat < repeats; repeat++) {
      PairWeights weights = variant.draw(segments, random.apply(repeat));
      comparison.add(products.flat(weights));
      touched += (double) weights.differentiated() / repeats;
      cost += (double) flops.applyAsLong(weights) / repeats;
      bytes += (double) memory.applyAsLong(weights) / repeats;
    }
    return new DrawFigures(
        comparison.ratioMean(),
        comparison.ratioVariance(),
        comparison.meanGradientRatio(),
        comparison.along(),
        comparison.bias(),
        comparison.variance(),
        touched,
        cost,
        bytes);
  }
}
