package org.uiospark.jobs.settings;

import java.util.Locale;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.MatrixProducts;

/**
 * How the CPUs of a training run compute; part of its bits.
 *
 * @param products {@code onednn}, {@code libtorch}, or {@code auto} for what is faster on the
 *     processor of the driver
 * @param threads torch threads a task
 */
public record ArithmeticSettings(String products, int threads) {
  /** Reads and checks the settings of {@code train}. */
  public static ArithmeticSettings of(Settings settings) {
    return new ArithmeticSettings(
        settings.text("train.products"), settings.integer("train.threads"));
  }

  /** What asks for a given arithmetic. */
  public static ArithmeticSettings of(Arithmetic arithmetic) {
    return new ArithmeticSettings(arithmetic.productsName(), arithmetic.threads());
  }

  /** What every task of a run on CPUs computes with. */
  public Arithmetic onCpus() {
    return products.equals("auto")
        ? Arithmetic.here(threads)
        : new Arithmetic(MatrixProducts.valueOf(products.toUpperCase(Locale.ROOT)), threads);
  }

  /** What a run on GPUs computes with: the driver's processor has no say. */
  public Arithmetic onGpus() {
    return new Arithmetic(MatrixProducts.LIBTORCH, threads);
  }
}
