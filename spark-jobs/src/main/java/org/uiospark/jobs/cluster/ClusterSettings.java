package org.uiospark.jobs.cluster;

import java.nio.file.Path;
import org.uiospark.jobs.settings.Settings;

/**
 * A standalone Spark cluster on this machine.
 *
 * @param folder pid files, logs, work folders of the executors and the settings to submit with
 * @param workers worker processes
 * @param cores tasks at a time of each worker
 * @param memoryBytes heap that a worker lends to executors
 * @param gpus GPUs that a worker lends to executors
 * @param port of the master, 0 for a free one
 */
public record ClusterSettings(
    Path folder, int workers, int cores, long memoryBytes, int gpus, int port) {
  /** Reads and checks the section {@code cluster}. */
  public static ClusterSettings of(Settings settings) {
    return new ClusterSettings(
        Path.of(settings.text("cluster.folder")).toAbsolutePath().normalize(),
        settings.integer("cluster.workers"),
        settings.integer("cluster.cores"),
        settings.bytes("cluster.memory"),
        settings.integer("cluster.gpus"),
        settings.integer("cluster.port"));
  }
}
