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
  private static final long LEAST_MEMORY = 1L << 30;

  /** Reads and checks the section {@code cluster}. */
  public static ClusterSettings of(Settings settings) {
    return new ClusterSettings(
        Path.of(settings.requiredLocalPath("cluster.folder")).toAbsolutePath().normalize(),
        settings.atLeast("cluster.workers", 1),
        settings.atLeast("cluster.cores", 1),
        settings.bytesAtLeast("cluster.memory", LEAST_MEMORY),
        settings.atLeast("cluster.gpus", 0),
        (int) settings.between("cluster.port", 0, 65535));
  }
}
