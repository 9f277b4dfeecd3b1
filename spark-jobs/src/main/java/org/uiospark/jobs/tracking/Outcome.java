package org.uiospark.jobs.tracking;

/** How a run ended; the names are those of MLflow. */
public enum Outcome {
  /** At its last step. */
  FINISHED,
  /** At a step where it was asked to stop. */
  KILLED,
  /** By an error. */
  FAILED
}
