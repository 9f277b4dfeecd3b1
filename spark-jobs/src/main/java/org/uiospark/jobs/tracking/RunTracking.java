package org.uiospark.jobs.tracking;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.settings.TrackingSettings;

/**
 * Tells TensorBoard and MLflow how a run goes. A thread of its own talks to them, for a server that
 * hangs must not hold up a step, and whatever goes wrong there is a warning.
 */
public final class RunTracking implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunTracking.class);

  /** What an ending run waits for a server. */
  private static final int PATIENCE_SECONDS = 30;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "tracking");
            made.setDaemon(true);
            return made;
          });
  private final List<Tracker> trackers = new ArrayList<>();
  private Optional<Outcome> outcome = Optional.of(Outcome.FAILED);

  private interface Call {
    void run() throws IOException;
  }

  private RunTracking() {}

  /**
   * Begins, or goes on after a stop.
   *
   * @param state of the run at the step that it goes on from
   */
  public static RunTracking open(
      TrackingSettings settings, OutputFolder output, TrainerState state) {
    RunTracking tracking = new RunTracking();
    tracking.add(
        "TensorBoard", () -> tracking.trackers.add(new TensorBoardLog(output, state.step() + 1)));
    if (!settings.mlflowUri().isEmpty()) {
      tracking.add(
          "MLflow",
          () -> tracking.trackers.add(MlflowRun.open(settings, output, state, System.getenv())));
    }
    return tracking;
  }

  private void add(String name, Call call) {
    thread.execute(() -> warned(name + " is left out", call));
  }

  /** A step that was taken, with its figures by name. */
  public void step(long step, Map<String, Double> values) {
    each("step " + step, tracker -> tracker.step(step, values));
  }

  /** Passes everything on so far. */
  public void flush() {
    each("flush", Tracker::flush);
  }

  /** Says that the run did not fail. */
  public void ended(Outcome how) {
    outcome = Optional.of(how);
  }

  /** Says nothing of the end: the run goes on elsewhere. */
  public void abandon() {
    outcome = Optional.empty();
  }

  private interface TrackerCall {
    void on(Tracker tracker) throws IOException;
  }

  private void each(String what, TrackerCall call) {
    thread.execute(
        () ->
            trackers.forEach(
                tracker ->
                    warned(
                        String.format(
                            Locale.ROOT,
                            "%s did not reach %s",
                            what,
                            tracker.getClass().getSimpleName()),
                        () -> call.on(tracker))));
  }

  private static void warned(String what, Call call) {
    try {
      call.run();
    } catch (IOException | RuntimeException | FSError e) {
      // The last one is how Hadoop passes on that a local disk is full.
      LOG.warn("{}: {}", what, e.toString());
    }
  }

  @Override
  public void close() {
    outcome.ifPresent(how -> each("the end", tracker -> tracker.end(how)));
    thread.shutdown();
    try {
      if (!thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("Tracking takes longer than {} s; the rest is left out", PATIENCE_SECONDS);
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.shutdownNow();
    }
  }
}
