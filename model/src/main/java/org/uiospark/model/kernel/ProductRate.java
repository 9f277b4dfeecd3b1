package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a thread reaches in matrix products alone: the limit of what a gradient can reach.
 *
 * <p>Measured on the products of a layer and of the LM head, with the weights of the model and as
 * many rows as a segment has, on a GPU {@value #GPU_ROWS} at the least; of each the best of some
 * trials, of all the fastest. A trial ends when the device has done its products.
 *
 * @param threads threads that multiplied at once
 * @param matmulGflops a thread's 10^9 operations a second through {@link NDArray#matMul}
 * @param kernelGflops the same, multiplied as the kernels do
 */
public record ProductRate(int threads, double matmulGflops, double kernelGflops) {
  private static final int TRIALS = 5;
  private static final long TRIAL_NANOS = 30_000_000;

  /** Fewer would not keep all of a GPU busy. */
  private static final long GPU_ROWS = 8192;

  /**
   * A matrix of the model.
   *
   * @param matrix [out, in]
   * @param transposed the same values as [in, out]
   */
  private record Weight(NDArray matrix, NDArray transposed) {}

  private interface Product {
    /** rows [n, in] times weight: [n, out]. */
    NDArray of(NDArray rows, Weight weight);
  }

  /** Measures with so many threads at once. */
  public static ProductRate measure(MemoryModel model, int threads) {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      return new ProductRate(
          threads,
          best(model, pool, threads, ProductRate::matmul),
          best(model, pool, threads, (rows, weight) -> asKernelsDo(model, rows, weight)));
    } finally {
      pool.shutdownNow();
    }
  }

  /** The faster of the two. */
  public double bestGflops() {
    return Math.max(matmulGflops, kernelGflops);
  }

  private static NDArray matmul(NDArray rows, Weight weight) {
    return rows.matMul(weight.transposed());
  }

  private static NDArray asKernelsDo(MemoryModel model, NDArray rows, Weight weight) {
    return model.kernels().run(new KernelCall.Multiply(rows, weight.matrix())).head();
  }

  private static double best(
      MemoryModel model, ExecutorService pool, int threads, Product product) {
    double best = 0;
    try (NDManager manager = model.base().newManager()) {
      for (Weight weight : weights(model, manager)) {
        Callable<Double> one = () -> gflops(model, weight, product);
        double sum = 0;
        for (Future<Double> rate : pool.invokeAll(Collections.nCopies(threads, one))) {
          sum += rate.get();
        }
        best = Math.max(best, sum / threads);
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a product failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return best;
  }

  /** The LM head and the matrices of the first layer, as forward and as backward takes them. */
  private static List<Weight> weights(MemoryModel model, NDManager manager) {
    List<Weight> both = new ArrayList<>();
    List<NDArray> matrices = new ArrayList<>(List.of(model.base().head()));
    for (String name : List.of("qkv", "output", "gate_up", "down")) {
      matrices.add(model.base().weights().get("layers.0." + name));
    }
    for (NDArray weight : matrices) {
      // A view has no name that makes it one of the weights.
      NDArray matrix = weight.reshape(weight.getShape());
      matrix.attach(manager);
      NDArray transposed = matrix.transpose();
      transposed.attach(manager);
      both.add(new Weight(matrix, transposed));
      both.add(new Weight(transposed, matrix));
    }
    return both;
  }

  private static double gflops(MemoryModel model, Weight weight, Product product) {
    long segment = model.segments().segmentLength() + model.segments().memoryTokens();
    long rows = model.base().device().isGpu() ? Math.max(GPU_ROWS, segment) : segment;
    Shape shape = weight.matrix().getShape();
    double operations = 2.0 * rows * shape.size();
    double best = 0;
    try (NDManager manager = model.base().newManager()) {
      NDArray ones = manager.ones(new Shape(rows, shape.get(1)));
      NDArray x = model.kernels().rows(manager, model.base().precision(), ones);
      // The first trial warms up.
      for (int trial = 0; trial <= TRIALS; trial++) {
        model.base().await();
        long begin = System.nanoTime();
        long products = 0;
        long end = begin;
        while (end - begin < TRIAL_NANOS) {
          product.of(x, weight).close();
          // A GPU would queue more in this time than it does in minutes.
          model.base().await();
          products++;
          end = System.nanoTime();
        }
        best = trial == 0 ? 0 : Math.max(best, products * operations / (end - begin));
      }
    }
    return best;
  }
}
