package org.uiospark.data.prep;

import org.apache.spark.broadcast.Broadcast;

/** A broadcast value, which is taken back from the executors when the tasks are done or failed. */
record Sent<T>(Broadcast<T> broadcast) implements AutoCloseable {
  @Override
  public void close() {
    broadcast.destroy();
  }
}
