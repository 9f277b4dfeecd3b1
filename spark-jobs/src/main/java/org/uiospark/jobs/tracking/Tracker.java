package org.uiospark.jobs.tracking;

import java.io.IOException;
import java.util.Map;

/** A tool that is told of every step; what it throws is a warning to the run. */
interface Tracker {
  /**
   * A step that was taken.
   *
   * @param step counted from 1
   * @param values its figures by their names in {@code metrics.jsonl}
   */
  void step(long step, Map<String, Double> values) throws IOException;

  /** Passes on what was kept back. */
  void flush() throws IOException;

  /** The run is over. */
  void end(Outcome outcome) throws IOException;
}
