package org.uiospark.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductsTest {
  /** Flags as Linux lists them, cut to those that matter. */
  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, fma avx2 avx512f avx512vl, ONEDNN",
    // Zen 2 and 3: their products are equally fast, and there is a fused attention.
    "AuthenticAMD, fma avx2, LIBTORCH",
    "GenuineIntel, fma avx2 avx512f avx512vl, LIBTORCH",
    "GenuineIntel, fma avx2, LIBTORCH",
  })
  void followFromTheInstructionsOfTheProcessor(
      String vendor, String flags, MatrixProducts products) {
    String cpuinfo =
        String.format(
            Locale.ROOT, "processor\t: 0\nvendor_id\t: %s\nflags\t\t: fpu %s\n", vendor, flags);
    assertThat(MatrixProducts.of(cpuinfo)).isEqualTo(products);
  }
}
