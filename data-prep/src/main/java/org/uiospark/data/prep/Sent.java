package org.uiospark.data.prep;

import org.apache.spark.broadcast.Broadcast;

/** A value that tasks read until it is taken back from them, be it that they failed. */
record Sent<T>(Broadcast<T> broadcast) implements AutoCloseable {
  @Override
  public void close() {
    broadcast.destroy();
  }
}
