package org.uiospark.jobs.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.serve.Workers.Alone;
import org.uiospark.jobs.serve.Workers.Completing;

class WorkersTest {
  private static final Limits ONE_THREAD = new Limits(1, 4, 8, 1, 1, 1, 1, 1, 60, 60, 60);

  private final List<Reply> begun = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch go = new CountDownLatch(1);

  /** It waits before it takes all that waits for it. */
  private final Workers workers =
      new Workers(
          ONE_THREAD,
          (first, all) -> {
            awaitGo();
            for (Completing next = first; next != null; next = all.nextCompletion()) {
              begun.add(next.reply());
            }
          });

  @AfterEach
  void end() {
    go.countDown();
  }

  private void awaitGo() {
    try {
      assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Reply complete() {
    Reply reply = new Reply(60);
    workers.submit(new Completing(null, reply));
    return reply;
  }

  @Test
  void promptsJoinOthersUpToTheFirstWorkThatIsNone() throws Exception {
    Reply first = complete();
    Reply second = complete();
    CountDownLatch done = new CountDownLatch(1);
    List<Reply> before = new ArrayList<>();
    workers.submit(
        new Alone(
            new Reply(60),
            reply -> {
              before.addAll(begun);
              done.countDown();
            }));
    Reply last = complete();

    go.countDown();

    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(before).containsExactly(first, second);
    assertThat(workers.finish(10)).isTrue();
    assertThat(begun).containsExactly(first, second, last);
  }

  @Test
  void whatIsTakenBackIsNotBegun() throws Exception {
    Reply first = complete();
    Runnable takeBack = workers.submit(new Completing(null, new Reply(60)));
    Reply last = complete();

    takeBack.run();
    go.countDown();

    assertThat(workers.finish(10)).isTrue();
    assertThat(begun).containsExactly(first, last);
  }

  /** In the words of libtorch, and the JVM's own. */
  @Test
  void whenMemoryRunsOutWhoWaitsIsToldAndNobodyElseComesIn() throws Exception {
    for (Throwable failure :
        List.of(
            new EngineException("...\nDefaultCPUAllocator: can't allocate memory: you tried"),
            new OutOfMemoryError("Java heap space"))) {
      Workers full = new Workers(ONE_THREAD, (first, all) -> all.failed(first.reply(), failure));
      Reply reply = new Reply(60);
      assertThat(full.exhausted()).isNotDone();
      full.submit(new Completing(null, reply));

      Refusal said = ((Reply.Failed) reply.next()).refusal();

      assertThat(said.status()).isEqualTo(503);
      assertThat(said.code()).isEqualTo("out_of_memory");
      assertThat(full.exhausted().get(10, TimeUnit.SECONDS))
          .isNotEmpty()
          .doesNotContain("\n")
          .isIn("DefaultCPUAllocator: can't allocate memory: you tried", "Java heap space");
      assertThatThrownBy(full::enter).isInstanceOf(Refusal.class).hasMessageContaining("end");
      assertThat(full.finish(10)).isTrue();
    }
  }

  @Test
  void anyOtherFailureIsToldAndWorkGoesOn() throws Exception {
    Reply reply = new Reply(60);
    workers.submit(
        new Alone(
            reply,
            said -> {
              throw new EngineException("some other matter");
            }));
    assertThat(((Reply.Failed) reply.next()).refusal().status()).isEqualTo(500);
    assertThat(workers.exhausted()).isNotDone();
    workers.enter();
    workers.leave();
  }
}
