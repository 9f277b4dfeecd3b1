package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;

/** The short form of {@link NetworkBenchmark}: what leaves and reaches the driver, in bytes. */
@Tag("cluster")
class NetworkTest {
  private static final int WORKERS = 2;
  private static final int STEPS = 3;
  private static final long VALUES = 1 << 19;

  /** Messages of Spark about a task or block of any size. */
  private static final long BYTES_OF_LANE = 64 << 10;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void theDriverReceivesOneGradientHoweverManyLanesAStepHas(int lanes) throws Exception {
    LightWork work = new LightWork(folder, LightWork.rank(VALUES), lanes);
    work.write();
    NetworkFigures of = measure(work);

    assertThat(of.steps()).hasSize(NetworkRun.WARMUP + STEPS);
    assertThat(of.steady().driver().out())
        .as("the adapter goes out at least once: %s", of)
        .isGreaterThanOrEqualTo(of.adapterBytes());
    assertThat(of.steady().workers().stream().mapToLong(Traffic::in).sum())
        .as("and every worker gets it: %s", of)
        .isGreaterThanOrEqualTo(WORKERS * of.adapterBytes());
    LocalRun local = new LocalRun(work, NetworkRun.WARMUP + STEPS);
    assertThat(of.sha256()).isEqualTo(local.sum("local[1]"));
    assertThat(of.steady().driver().in())
        .as("one gradient comes in: %s", of)
        .isBetween(of.adapterBytes(), of.adapterBytes() * 12 / 10 + lanes * BYTES_OF_LANE);
  }

  private NetworkFigures measure(LightWork work) throws Exception {
    try {
      return new NetworkRun(
              WORKERS,
              1,
              work,
              STEPS,
              new Link("1gbit", "0"),
              "1g",
              "1g",
              Map.of(),
              folder.resolve("network"))
          .measure();
    } catch (Hosts.Unavailable e) {
      return abort("skipped: " + e.getMessage());
    }
  }
}
