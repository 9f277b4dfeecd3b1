package org.uiospark.jobs.train;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.util.SignalUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.runtime.AbstractFunction0;

/**
 * Whether the training was asked to stop: by SIGTERM, or SIGINT from the keyboard. The first signal
 * lets the step end and its checkpoint be written; the second ends the JVM as it would without us.
 *
 * <p>A shutdown hook would not do: the JVM runs the hooks of Spark beside it, and its exit status
 * would tell of the signal.
 */
public final class StopSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  private final AtomicBoolean asked = new AtomicBoolean();

  /** One that no signal sets. */
  StopSignal() {}

  /** One that the signals of this process set. */
  public static StopSignal ofProcess() {
    StopSignal stop = new StopSignal();
    for (String signal : new String[] {"TERM", "INT"}) {
      SignalUtils.register(
          signal,
          new AbstractFunction0<>() {
            @Override
            public Object apply() {
              return stop.ask(signal);
            }
          });
    }
    return stop;
  }

  /** False if it was asked before, so that the signal goes on to whoever handled it before us. */
  boolean ask(String signal) {
    boolean first = asked.compareAndSet(false, true);
    if (first) {
      LOG.info("SIG{}: stopping after this step, with a checkpoint; again stops at once", signal);
    }
    return first;
  }

  boolean isAsked() {
    return asked.get();
  }
}
