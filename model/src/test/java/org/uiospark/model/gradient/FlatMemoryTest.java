package org.uiospark.model.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.reference.GoldenCase;

/** In a JVM of its own, with a heap of fixed size: what grows there is native memory. */
@Tag("cluster")
class FlatMemoryTest {
  private static final int EARLY = 100;
  private static final int LATE = 1000;

  @Test
  void aThousandGradientsLeaveTheResidentMemoryWhereItWas() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms128m",
                "-Xmx128m",
                "-XX:+AlwaysPreTouch",
                "-XX:+UseSerialGC",
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                "-cp",
                System.getProperty("java.class.path"),
                FlatMemoryTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    List<Long> resident = output.lines().map(Long::valueOf).toList();
    assertThat(resident).hasSize(2);
    assertThat((double) resident.get(1) / resident.get(0)).isLessThan(1.05);
  }

  /** Prints the resident memory in kB after {@value #EARLY} and after {@value #LATE} gradients. */
  public static void main(String[] args) throws IOException {
    try (GoldenCase golden = GoldenCase.open("mha")) {
      PairWeights weights =
          new Estimator.Exact().draw(golden.losses().size(), new SplittableRandom(0));
      SequenceGradient gradient = new SequenceGradient(golden.model(), Long.MAX_VALUE);
      for (int step = 1; step <= LATE; step++) {
        try (DeviceAdapter adapter = golden.model().upload(golden.adapter());
            AdapterGradient sum = adapter.newGradient()) {
          gradient.add(sum, golden.sequence(), weights);
          sum.copy();
        }
        if (step == EARLY || step == LATE) {
          System.out.println(residentKilobytes());
        }
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow();
  }
}
