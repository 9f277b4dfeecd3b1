package org.uiospark.jobs.serve;

/** How an answer is sent. */
enum Delivery {
  /** At its end, as one object. */
  WHOLE,

  /** As it comes, as server-sent events. */
  STREAMED,

  /** The same, and what it took. */
  STREAMED_WITH_USAGE
}
