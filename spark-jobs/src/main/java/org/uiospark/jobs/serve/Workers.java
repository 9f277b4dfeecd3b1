package org.uiospark.jobs.serve;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.jobs.serve.Reply.NotWantedException;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.model.input.InvalidInputException;

/**
 * Threads that compute, and places for the requests that they do or that wait for them. A request
 * has its place from before its body is read until its answer is sent, so there are never more
 * bodies and answers in memory than places. Work is begun in its order.
 */
final class Workers {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  private final int places;
  private final Semaphore free;
  private final Batches batches;
  private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
  private final ThreadPoolExecutor threads;
  private final CompletableFuture<String> exhausted = new CompletableFuture<>();
  private volatile boolean stopping;

  /** Something to do for a request. */
  sealed interface Work {
    /** To whoever waits for it. */
    Reply reply();
  }

  /**
   * A prompt to continue, maybe together with others.
   *
   * @param request what is asked
   * @param reply to whoever waits
   */
  record Completing(CompletionRequest request, Reply reply) implements Work {}

  /**
   * What a thread does by itself.
   *
   * @param reply to whoever waits
   * @param does all of it
   */
  record Alone(Reply reply, Consumer<Reply> does) implements Work {}

  /** Answers a request, and those that {@link #nextCompletion} gives meanwhile. */
  interface Batches {
    void answer(Completing first, Workers workers);
  }

  /** Work in the queue. */
  private final class Task implements Runnable {
    private final Work work;

    Task(Work work) {
      this.work = work;
    }

    @Override
    public void run() {
      if (work instanceof Completing first) {
        batches.answer(first, Workers.this);
        return;
      }
      try {
        work.reply().requireWanted();
        ((Alone) work).does().accept(work.reply());
      } catch (RuntimeException | Error e) {
        failed(work.reply(), e);
      }
    }
  }

  Workers(Limits limits, Batches batches) {
    this.places = limits.workers() * limits.batch() + limits.queue();
    this.free = new Semaphore(places);
    this.batches = batches;
    this.threads =
        new ThreadPoolExecutor(
            limits.workers(),
            limits.workers(),
            0,
            TimeUnit.SECONDS,
            waiting,
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

  /**
   * Does work as soon as a thread is free; what goes wrong is said to whoever waits.
   *
   * @return takes the work back, if it has not begun
   */
  Runnable submit(Work work) {
    Task task = new Task(work);
    threads.execute(task);
    return () -> waiting.remove(task);
  }

  /** The prompt that waits longest, if no other work waits longer; null if there is none. */
  Completing nextCompletion() {
    Runnable head = waiting.peek();
    while (head instanceof Task task && task.work instanceof Completing next) {
      if (waiting.remove(head)) {
        return next;
      }
      // Another thread was faster.
      head = waiting.peek();
    }
    return null;
  }

  /** Tells whoever waits that nothing comes of the work. */
  void failed(Reply reply, Throwable why) {
    Optional<String> outOfMemory = NativeMemory.exhausted(why);
    if (why instanceof NotWantedException) {
      LOG.debug("A request was left before its end");
    } else if (why instanceof Refusal refusal) {
      reply.say(new Reply.Failed(refusal));
    } else if (why instanceof InvalidInputException) {
      reply.say(new Reply.Failed(Refusal.badRequest(why.getMessage())));
    } else if (outOfMemory.isPresent()) {
      LOG.error("Memory ran out", why);
      // The engine keeps the arguments of a call that threw: there is only less of it from now on.
      stopping = true;
      exhausted.complete(outOfMemory.get());
      reply.say(
          new Reply.Failed(
              new Refusal(
                  Refusal.STOPPING,
                  "out_of_memory",
                  "memory ran out, and this server is about to end; ask for less")));
    } else {
      LOG.error("A request failed", why);
      reply.say(
          new Reply.Failed(
              new Refusal(
                  Refusal.BROKEN, "failed", "the server could not do this; its log says why")));
    }
  }

  /** Completes with what was said when memory ran out. */
  CompletableFuture<String> exhausted() {
    return exhausted;
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
