package org.uiospark.jobs.task;

import ai.djl.Device;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.NodeFailureException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;

/** The base models of one JVM, which its tasks share: each is loaded once and kept. */
public final class TaskModels {
  private static final Logger LOG = LoggerFactory.getLogger(TaskModels.class);

  private record BaseKey(String model, String sums, String fingerprint, Device device) {}

  private record ModelKey(ModelReference reference, Device device) {}

  private static final Map<BaseKey, FrozenLlama> BASES = new ConcurrentHashMap<>();
  private static final Map<ModelKey, MemoryModel> MODELS = new ConcurrentHashMap<>();

  private TaskModels() {}

  /**
   * The model of a reference on a device; the first task that asks loads it.
   *
   * @throws NodeFailureException if this machine cannot read it, or has another one there
   * @throws InvalidInputException if a weight is no number
   */
  public static MemoryModel model(ModelReference reference, Device device) {
    return MODELS.computeIfAbsent(new ModelKey(reference, device), TaskModels::build);
  }

  /**
   * The same, which is loaded only where the device has so much memory.
   *
   * @param least bytes, as in {@link DeviceMemory#require}
   */
  public static MemoryModel model(ModelReference reference, Device device, long least) {
    return MODELS.computeIfAbsent(
        new ModelKey(reference, device),
        key -> {
          DeviceMemory.require(device, least);
          return build(key);
        });
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

  /** Only a weight that is no number is what every machine would find. */
  private static FrozenLlama load(BaseKey key) {
    try (LlamaCheckpoint checkpoint = open(key)) {
      return FrozenLlama.load(checkpoint, key.device(), BasePrecision.defaultOn(key.device()));
    } catch (UncheckedIOException | InternalError e) {
      // An InternalError is what mapped memory throws whose disk or mount went away.
      throw unusable(key, e);
    }
  }

  /** The driver has read the same files whole, so what is wrong with them is wrong here. */
  private static LlamaCheckpoint open(BaseKey key) {
    try {
      ModelFolder folder =
          ModelFolder.of(key.model(), SparkHadoopUtil.get().newConfiguration(conf()));
      LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder.path());
      if (!checkpoint.fingerprint().equals(key.fingerprint())
          || !folder.sums().equals(key.sums())) {
        checkpoint.close();
        throw new InvalidInputException("it is not the driver's");
      }
      return checkpoint;
    } catch (InvalidInputException e) {
      throw unusable(key, e);
    }
  }

  /** The driver may ask before there is a Spark session. */
  private static SparkConf conf() {
    SparkEnv env = SparkEnv.get();
    return env == null ? new SparkConf() : env.conf();
  }

  private static RuntimeException unusable(BaseKey key, Throwable e) {
    return ThisMachine.failure(
        String.format(
            Locale.ROOT,
            "model %s cannot be used: %s; every machine needs the same files there",
            key.model(),
            e.getMessage()),
        e);
  }
}
