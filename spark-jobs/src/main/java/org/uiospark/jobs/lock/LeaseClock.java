package org.uiospark.jobs.lock;

import java.time.Duration;

/** Time that passes on this machine; what day it is, on this machine or another, is never asked. */
interface LeaseClock {
  LeaseClock SYSTEM =
      new LeaseClock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void sleep(Duration time) {
          try {
            Thread.sleep(time.toMillis());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while it waited for a lock", e);
          }
        }
      };

  /** As {@link System#nanoTime()}. */
  long nanos();

  void sleep(Duration time);
}
