package org.uiospark.jobs.serve;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What a worker says to the thread that talks to a client. The worker never waits: what it says is
 * bounded by the tokens of an answer, and a client that does not listen only keeps its own thread.
 */
final class Reply {
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final long deadline;
  private volatile boolean wanted = true;

  /** Something that is said. */
  sealed interface Event {}

  /**
   * Some of an answer.
   *
   * @param text settled characters
   */
  record Text(String text) implements Event {}

  /**
   * The end of an answer.
   *
   * @param reason why: {@code stop} or {@code length}
   * @param promptTokens with those that were memorized
   * @param newTokens of the answer
   */
  record End(String reason, long promptTokens, int newTokens) implements Event {}

  /**
   * A text is memorized.
   *
   * @param memory what is known of it
   */
  record Memorized(StoredText memory) implements Event {}

  /**
   * Nothing more comes.
   *
   * @param refusal why
   */
  record Failed(Refusal refusal) implements Event {}

  /** Thrown by {@link #requireWanted}, for a worker to stop. */
  static final class NotWantedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotWantedException() {
      super("nobody waits for this answer", null, false, false);
    }
  }

  /**
   * @param seconds that it may take from now on
   */
  Reply(int seconds) {
    this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
  }

  void say(Event event) {
    events.add(event);
  }

  /** What comes next; where the time is over, that it is. */
  Event next() throws InterruptedException {
    Event event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    return event != null
        ? event
        : new Failed(
            new Refusal(
                Refusal.TIMED_OUT, "timeout", "the time for this request is over; ask for less"));
  }

  /** Nobody listens any more. */
  void abandon() {
    wanted = false;
  }

  boolean isWanted() {
    return wanted && deadline - System.nanoTime() > 0;
  }

  void requireWanted() {
    if (!isWanted()) {
      throw new NotWantedException();
    }
  }
}
