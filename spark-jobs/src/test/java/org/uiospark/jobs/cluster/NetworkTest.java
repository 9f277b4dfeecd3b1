package org.uiospark.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.cluster.Hosts.Link;
import org.uiospark.jobs.cluster.Hosts.Traffic;

/** The short form of {@link NetworkBenchmark}: bytes of the driver, and of workers by stage. */
@Tag("cluster")
class NetworkTest {
  private static final int WORKERS = 2;
  private static final int STEPS = 3;
  private static final long VALUES = 1 << 19;
  private static final int CHUNK_SEGMENTS = 4;

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

  /** As the workers take turns: means over enough steps that it does not matter who was where. */
  @Test
  void chunksCarryInEachStageWhatThePlanSays() throws Exception {
    LightWork work =
        new LightWork(
            folder,
            64,
            1,
            new LightWork.Text(32, 128, 128),
            List.of("--chunk-segments=" + CHUNK_SEGMENTS));
    work.write();
    NetworkFigures of = measure(work, 4, 6);
    StagePlan plan = StagePlan.of(work, CHUNK_SEGMENTS, of);

    assertThat(of.stages()).hasSameSizeAs(StagePlan.NAMES);
    for (int stage = 0; stage < of.stages().size(); stage++) {
      String name = StagePlan.NAMES.get(stage);
      Traffic worker = of.stages().get(stage).worker();
      double in = plan.in().get(stage);
      double out = plan.out().get(stage);
      assertThat((double) worker.in())
          .as("into %s: %s", name, of)
          .isCloseTo(in, within(0.15 * in + BYTES_OF_LANE));
      // Who asks late for the adapter may get it from a worker, not from the driver.
      long passedOn = name.equals("encode") ? of.adapterBytes() : 0;
      assertThat((double) worker.out())
          .as("out of %s: %s", name, of)
          .isCloseTo(out, within(0.15 * out + BYTES_OF_LANE + passedOn));
    }
  }

  private NetworkFigures measure(LightWork work) throws Exception {
    return measure(work, WORKERS, STEPS);
  }

  private NetworkFigures measure(LightWork work, int workers, int steps) throws Exception {
    try {
      return new NetworkRun(
              workers,
              1,
              work,
              steps,
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
