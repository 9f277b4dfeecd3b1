package org.uiospark.jobs.bench;

import org.uiospark.model.kernel.ProductRate;

/**
 * Matrix products alone, measured in the same run.
 *
 * @param oneThread a thread while the others idle
 * @param allThreads a thread while all tasks multiply: they may share cores and caches
 */
record Rates(ProductRate oneThread, ProductRate allThreads) {

  /**
   * The share of the products' rate that a thread reaches.
   *
   * @param alone against {@link #oneThread}
   * @param atOnce against {@link #allThreads}
   */
  record Efficiency(double alone, double atOnce) {}

  /**
   * @param flops that the mathematics needs of a thread
   * @param seconds that it took
   */
  Efficiency efficiency(double flops, double seconds) {
    double gflops = flops / seconds / 1e9;
    return new Efficiency(gflops / oneThread.bestGflops(), gflops / allThreads.bestGflops());
  }
}
