package org.uiospark.jobs.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.TaskCompletionListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.uiospark.jobs.LocalSpark;

/** Real tasks of local mode, over GPUs that do not exist: nothing is computed on them. */
@Tag("cluster")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DevicePoolTest {
  private static final List<Device> TWO = List.of(Device.gpu(0), Device.gpu(1));

  /** Tasks of local mode are in this process. */
  private static final AtomicReference<DevicePool> POOL = new AtomicReference<>();

  private static final CountDownLatch HELD = new CountDownLatch(1);
  private static final CountDownLatch RELEASE = new CountDownLatch(1);

  private static SparkSession session;
  private static JavaSparkContext spark;

  /** When a task had a device, in nanoseconds; what it made there was closed in between. */
  private record Use(String device, String again, long begin, long end) implements Serializable {
    boolean overlaps(Use other) {
      return begin < other.end && other.begin < end;
    }
  }

  private static final List<Use> CLOSED = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    session = LocalSpark.start(4);
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  @AfterAll
  static void stop() {
    session.stop();
  }

  @Test
  void aDeviceServesOneTaskAtATimeUntilAllThatItMadeIsClosed() {
    POOL.set(new DevicePool(TWO));
    spark.parallelize(IntStream.range(0, 12).boxed().toList(), 12).foreach(i -> use());

    List<Use> uses = List.copyOf(CLOSED);
    assertThat(uses).hasSize(12);
    assertThat(uses).extracting(Use::device).contains("gpu(0)", "gpu(1)");
    for (Use one : uses) {
      assertThat(one.again()).isEqualTo(one.device());
      for (Use other : uses) {
        if (one != other && one.overlaps(other)) {
          assertThat(one.device()).isNotEqualTo(other.device());
        }
      }
    }
  }

  private static void use() throws InterruptedException {
    TaskContext context = TaskContext.get();
    String device = POOL.get().lend(context).toString();
    long begin = System.nanoTime();
    // As what a task makes on its device is closed.
    TaskCompletionListener close =
        done -> {
          String again = POOL.get().lend(context).toString();
          CLOSED.add(new Use(device, again, begin, System.nanoTime()));
        };
    context.addTaskCompletionListener(close);
    Thread.sleep(40);
  }

  @Test
  void aTaskThatFailsGivesItsDeviceBack() {
    POOL.set(new DevicePool(TWO.subList(0, 1)));
    assertThatThrownBy(
            () ->
                spark
                    .parallelize(List.of(1), 1)
                    .foreach(
                        i -> {
                          POOL.get().lend(TaskContext.get());
                          throw new IllegalStateException("on purpose");
                        }))
        .hasMessageContaining("on purpose");

    assertThat(
            spark
                .parallelize(List.of(1), 1)
                .map(i -> POOL.get().lend(TaskContext.get()).toString())
                .collect())
        .containsExactly("gpu(0)");
  }

  @Test
  void aTaskThatIsKilledStopsWaiting() throws Exception {
    POOL.set(new DevicePool(TWO.subList(0, 1)));
    CompletableFuture<Void> holds =
        CompletableFuture.runAsync(() -> spark.parallelize(List.of(1), 1).foreach(i -> hold()));
    HELD.await();
    CompletableFuture<Void> waits =
        CompletableFuture.runAsync(
            () -> {
              spark.setJobGroup("waits", "for a device");
              spark.parallelize(List.of(1), 1).foreach(i -> POOL.get().lend(TaskContext.get()));
            });
    while (running() < 2) {
      Thread.sleep(10);
    }
    spark.cancelJobGroup("waits");

    assertThatThrownBy(() -> waits.get(30, TimeUnit.SECONDS)).hasMessageContaining("cancelled");
    while (running() > 1) {
      Thread.sleep(10);
    }
    assertThat(holds).isNotDone();
    RELEASE.countDown();
    holds.get(30, TimeUnit.SECONDS);
  }

  private static int running() {
    return spark.sc().statusTracker().getExecutorInfos()[0].numRunningTasks();
  }

  private static void hold() throws InterruptedException {
    POOL.get().lend(TaskContext.get());
    HELD.countDown();
    RELEASE.await();
  }

  @Test
  void withoutGpusEveryTaskHasTheCpuAtOnce() {
    POOL.set(new DevicePool(List.of()));
    assertThat(
            spark
                .parallelize(List.of(1, 2, 3, 4), 4)
                .map(i -> POOL.get().lend(TaskContext.get()).toString())
                .collect())
        .containsOnly("cpu()");
  }
}
