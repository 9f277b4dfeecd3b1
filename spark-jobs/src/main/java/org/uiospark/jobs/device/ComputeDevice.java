package org.uiospark.jobs.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.uiospark.model.input.InvalidInputException;

/** The devices of this process, and what kind of them tasks compute on. */
public final class ComputeDevice {
  /** What a task is lent by a cluster. */
  private static final String LENT = "spark.task.resource.gpu.amount";

  private ComputeDevice() {}

  /** The first GPU where there is one, else the CPU: for a command without Spark tasks. */
  public static Device available() {
    return gpus().stream().findFirst().orElse(Device.cpu());
  }

  /** The GPUs that CUDA shows this process, none where libtorch is built for CPUs. */
  static List<Device> gpus() {
    return Gpus.ALL;
  }

  /** Looked up once: a process never sees others. */
  private static final class Gpus {
    private static final List<Device> ALL =
        IntStream.range(0, Engine.getEngine("PyTorch").getGpuCount())
            .mapToObj(Device::gpu)
            .toList();
  }

  /**
   * Whether tasks compute on GPUs: in local mode where this machine has one, on a cluster where
   * Spark lends them.
   */
  public static boolean areGpusOfTasks(SparkConf conf) {
    return isLocal(conf) ? available().isGpu() : conf.getDouble(LENT, 0) > 0;
  }

  /** How many of so many tasks compute at once: in local mode one on each GPU, if there are any. */
  public static int atOnce(int tasks, SparkConf conf) {
    return isLocal(conf) && available().isGpu() ? Math.min(tasks, gpus().size()) : tasks;
  }

  /** The device of the tasks of local mode; on a cluster the driver does not know theirs. */
  public static Device ofDriver(SparkConf conf) {
    return isLocal(conf) ? available() : Device.cpu();
  }

  /**
   * Refuses to ask Spark for GPUs in local mode, which lends none: tasks would wait for ever.
   *
   * @throws InvalidInputException if so
   */
  public static void requireLender(SparkConf conf) {
    if (isLocal(conf) && conf.getDouble(LENT, 0) > 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s is set, but --master %s lends no GPU: it takes those of this machine by itself; leave the setting out, and choose among them with CUDA_VISIBLE_DEVICES",
              LENT,
              conf.get("spark.master")));
    }
  }

  private static boolean isLocal(SparkConf conf) {
    String master = conf.get("spark.master", "");
    return master.equals("local") || master.startsWith("local[");
  }
}
