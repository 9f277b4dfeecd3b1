package org.uiospark.jobs.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A longer sequence against the first length that was measured, with the same estimator.
 *
 * @param estimator what was measured
 * @param from segments of the first length
 * @param to segments of this one
 * @param flops ratio of the operations that the mathematics needs
 * @param inProcess time and memory in process, null if not measured
 * @param spark time and memory through Spark, null if not measured
 */
record LengthRatio(
    String estimator, int from, int to, double flops, Ratios inProcess, Ratios spark) {

  /**
   * This length over the first.
   *
   * @param seconds time of a sequence or step
   * @param secondsOverFlops that over the ratio of the operations
   * @param peak resident memory, of a GPU that of the device; null if not measured
   * @param peakLessBank resident memory without the keys and values of the memories
   * @param peakLessBankAndGradient without those and the gradients towards them
   */
  record Ratios(
      double seconds,
      double secondsOverFlops,
      Double peak,
      Double peakLessBank,
      Double peakLessBankAndGradient) {

    private static Ratios of(
        double flops, double seconds, ResidentMemory.Figures from, ResidentMemory.Figures to) {
      if (from == null) {
        return new Ratios(seconds, seconds / flops, null, null, null);
      }
      long fromLess = from.peakBytes() - from.bankBytes();
      long toLess = to.peakBytes() - to.bankBytes();
      return new Ratios(
          seconds,
          seconds / flops,
          (double) to.peakBytes() / from.peakBytes(),
          (double) toLess / fromLess,
          (double) (toLess - to.bankGradientBytes()) / (fromLess - from.bankGradientBytes()));
    }
  }

  static List<LengthRatio> all(List<BenchReport.Result> results) {
    List<LengthRatio> ratios = new ArrayList<>();
    for (BenchReport.Result result : results) {
      BenchReport.Result first =
          results.stream()
              .filter(other -> other.estimator().equals(result.estimator()))
              .findFirst()
              .orElseThrow();
      if (first != result) {
        ratios.add(of(first, result));
      }
    }
    return ratios;
  }

  private static LengthRatio of(BenchReport.Result from, BenchReport.Result to) {
    double flops = to.work().flops() / from.work().flops();
    InProcess.Figures a = from.inProcess();
    InProcess.Figures b = to.inProcess();
    SparkPath.Figures c = from.spark();
    SparkPath.Figures d = to.spark();
    return new LengthRatio(
        to.estimator(),
        from.segments(),
        to.segments(),
        flops,
        a == null
            ? null
            : Ratios.of(
                flops,
                b.secondsPerSequence() / a.secondsPerSequence(),
                a.deviceMemory() == null ? a.memory() : a.deviceMemory(),
                b.deviceMemory() == null ? b.memory() : b.deviceMemory()),
        c == null
            ? null
            : Ratios.of(
                flops,
                d.secondsPerStep() / c.secondsPerStep(),
                c.deviceMemory() == null ? c.memory() : c.deviceMemory(),
                d.deviceMemory() == null ? d.memory() : d.deviceMemory()));
  }
}
