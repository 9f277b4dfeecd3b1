package org.uiospark.jobs.cluster;

/**
 * Where the master of a cluster is.
 *
 * @param master its URL, {@code spark://HOST:PORT}
 * @param pagePort port of its web page
 */
record ClusterAddress(String master, int pagePort) {
  /** The only network interface that master, workers and executors listen at. */
  static final String HOST = "127.0.0.1";

  /** The port of the URL. */
  String masterPort() {
    return master.replaceFirst(".*:", "");
  }
}
