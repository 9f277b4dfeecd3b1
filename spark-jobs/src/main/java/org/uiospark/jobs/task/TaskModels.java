package org.uiospark.jobs.task;

import ai.djl.Device;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.resource.ResourceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;

/** The base models of one JVM, which its tasks share: each is loaded once and kept. */
public final class TaskModels {
  private static final Logger LOG = LoggerFactory.getLogger(TaskModels.class);

  private record BaseKey(String model, String sums, String fingerprint, Device device) {}

  private record ModelKey(ModelReference reference, Device device) {}

  private static final Map<BaseKey, FrozenLlama> BASES = new ConcurrentHashMap<>();
  private static final Map<ModelKey, MemoryModel> MODELS = new ConcurrentHashMap<>();

  private TaskModels() {}

  /** The device that Spark lends to a task: its GPU where it has one, else the CPU. */
  public static Device device(TaskContext context) {
    Map<String, ResourceInformation> resources = context.resourcesJMap();
    ResourceInformation gpu = resources.get("gpu");
    return gpu == null ? Device.cpu() : Device.gpu(Integer.parseInt(gpu.addresses()[0]));
  }

  /**
   * The model of a reference on a device; the first task that asks loads it.
   *
   * @throws InvalidInputException if the files of this machine are not those of the driver
   */
  public static MemoryModel model(ModelReference reference, Device device) {
    return MODELS.computeIfAbsent(new ModelKey(reference, device), TaskModels::build);
  }

  private static MemoryModel build(ModelKey key) {
    ModelReference reference = key.reference();
    FrozenLlama base =
        BASES.computeIfAbsent(
            new BaseKey(reference.model(), reference.sums(), reference.fingerprint(), key.device()),
            TaskModels::load);
    if (!key.device().isGpu() && reference.arithmetic().products() != MatrixProducts.here()) {
      LOG.warn(
          "This processor multiplies faster with {} than with {}, which the driver says; executors of one kind compute faster and give the same bits",
          MatrixProducts.here(),
          reference.arithmetic().products());
    }
    return new MemoryModel(base, reference.segments(), reference.shape(), reference.arithmetic());
  }

  private static FrozenLlama load(BaseKey key) {
    BasePrecision precision = BasePrecision.defaultOn(key.device());
    ModelFolder folder =
        ModelFolder.of(key.model(), SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
    FrozenLlama base = FrozenLlama.load(folder.path(), key.device(), precision);
    if (!base.fingerprint().equals(key.fingerprint()) || !folder.sums().equals(key.sums())) {
      base.close();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "model %s on an executor is not the driver's; put the same files on every machine",
              key.model()));
    }
    return base;
  }
}
