package org.uiospark.jobs.serve;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.serve.Reply.NotWantedException;
import org.uiospark.model.input.InvalidInputException;

/**
 * Threads that compute, and places for the requests that they do or that wait for them. A request
 * has its place from before its body is read until its answer is sent, so there are never more
 * bodies and answers in memory than places.
 */
final class Workers {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final int places;
  private final Semaphore free;
  private final ExecutorService threads;
  private volatile boolean stopping;

  Workers(Limits limits) {
    this.places = limits.workers() + limits.queue();
    this.free = new Semaphore(places);
    this.threads =
        Executors.newFixedThreadPool(
            limits.workers(),
            work -> {
              Thread thread = new Thread(work, "serve-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes a place.
   *
   * @throws Refusal if there is none
   */
  void enter() {
    requireOpen();
    if (!free.tryAcquire()) {
      throw new Refusal(
          Refusal.TOO_MANY,
          "queue_full",
          "all " + places + " places are taken by other requests; try again soon");
    }
  }

  /** Gives a place back. */
  void leave() {
    free.release();
  }

  /** Refuses what comes after the process was asked to end. */
  void requireOpen() {
    if (stopping) {
      throw new Refusal(Refusal.STOPPING, "stopping", "this server is about to end");
    }
  }

  /** Requests that have a place. */
  int taken() {
    return places - free.availablePermits();
  }

  /** Does work as soon as a thread is free; what goes wrong is said to whoever waits. */
  void submit(Reply reply, Consumer<Reply> work) {
    threads.execute(
        () -> {
          try {
            reply.requireWanted();
            work.accept(reply);
          } catch (NotWantedException e) {
            LOG.debug("A request was left before its end");
          } catch (Refusal e) {
            reply.say(new Reply.Failed(e));
          } catch (InvalidInputException e) {
            reply.say(new Reply.Failed(Refusal.badRequest(e.getMessage())));
          } catch (RuntimeException | Error e) {
            LOG.error("A request failed", e);
            reply.say(
                new Reply.Failed(
                    new Refusal(
                        Refusal.BROKEN,
                        "failed",
                        "the server could not do this; its log says why")));
          }
        });
  }

  /**
   * Takes no more requests, and waits for those that are there.
   *
   * @return whether all came to their end
   */
  boolean finish(int seconds) throws InterruptedException {
    stopping = true;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    boolean answered = free.tryAcquire(places, seconds, TimeUnit.SECONDS);
    threads.shutdown();
    return threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS) && answered;
  }
}
