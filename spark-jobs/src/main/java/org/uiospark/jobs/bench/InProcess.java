package org.uiospark.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.gradient.SequenceGradient;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.TokenSequence;

/** Measures as many threads as tasks, each with one gradient after another, without Spark. */
final class InProcess {
  private final MemoryModel model;
  private final BenchSettings settings;
  private final int threads;
  private final Rates rates;

  InProcess(MemoryModel model, BenchSettings settings, int threads, Rates rates) {
    this.model = model;
    this.settings = settings;
    this.threads = threads;
    this.rates = rates;
  }

  /**
   * What was measured.
   *
   * @param threads threads at once
   * @param sequences sequences measured, of all threads
   * @param secondsPerSequence median
   * @param tokensPerSecond of all threads, at that median
   * @param gemmEfficiency operations that the mathematics needs over what products alone reach
   * @param memory resident memory of the process
   * @param deviceMemory memory of the GPU; null where the CPU computes
   */
  record Figures(
      int threads,
      int sequences,
      double secondsPerSequence,
      double tokensPerSecond,
      Rates.Efficiency gemmEfficiency,
      ResidentMemory.Figures memory,
      ResidentMemory.Figures deviceMemory) {}

  Figures measure(Variant variant, List<TokenSequence> sequences, Work work) {
    ResidentMemory memory = ResidentMemory.reset();
    ReservedMemory reserved = ReservedMemory.reset(model.base().device());
    List<Double> seconds = seconds(variant, sequences);
    double median =
        new Median().evaluate(seconds.stream().mapToDouble(Double::doubleValue).toArray());
    return new Figures(
        threads,
        seconds.size(),
        median,
        threads * work.tokens() / median,
        rates.efficiency(work.flops(), median),
        memory.since(threads, work),
        reserved == null ? null : reserved.since(threads, work));
  }

  private List<Double> seconds(Variant variant, List<TokenSequence> sequences) {
    List<Callable<List<Double>>> runs = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      TokenSequence sequence = sequences.get(thread);
      int segments = sequence.segments(settings.adapter().segments().segmentLength());
      PairWeights weights = variant.draw(segments, settings.seed(), thread);
      runs.add(() -> seconds(variant, sequence, weights));
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Double> all = new ArrayList<>();
      for (Future<List<Double>> run : pool.invokeAll(runs)) {
        all.addAll(run.get());
      }
      return all;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a gradient failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private List<Double> seconds(Variant variant, TokenSequence sequence, PairWeights weights) {
    Adapter adapter = Adapter.initial(model.shape(), model.base().eosEmbedding(), settings.seed());
    SequenceGradient gradient = new SequenceGradient(model, variant.graphMemory());
    List<Double> seconds = new ArrayList<>();
    try (DeviceAdapter onDevice = model.upload(adapter);
        AdapterGradient sum = onDevice.newGradient()) {
      for (int run = 0; run < settings.repeats().warmup() + settings.repeats().runs(); run++) {
        model.base().await();
        long begin = System.nanoTime();
        gradient.add(sum, sequence, weights);
        model.base().await();
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    return seconds.subList(settings.repeats().warmup(), seconds.size());
  }
}
