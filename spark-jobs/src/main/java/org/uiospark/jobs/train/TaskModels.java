package org.uiospark.jobs.train;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.memory.BasePrecision;
import org.uiospark.model.memory.FrozenLlama;
import org.uiospark.model.memory.MemoryModel;
import org.uiospark.model.memory.SegmentSettings;

/** The base models of one JVM, which its tasks share: each is loaded once and kept. */
final class TaskModels {
  private record BaseKey(String model, String fingerprint, Device device) {}

  private record ModelKey(BaseKey base, SegmentSettings segments, int rank, double alpha) {}

  private static final Map<BaseKey, FrozenLlama> BASES = new ConcurrentHashMap<>();
  private static final Map<ModelKey, MemoryModel> MODELS = new ConcurrentHashMap<>();

  private TaskModels() {}

  static MemoryModel model(LaneSettings settings, Device device) {
    BaseKey base = new BaseKey(settings.model(), settings.modelFingerprint(), device);
    SegmentSettings segments =
        new SegmentSettings(settings.segmentLength(), settings.memoryTokens());
    return MODELS.computeIfAbsent(
        new ModelKey(base, segments, settings.rank(), settings.alpha()), TaskModels::build);
  }

  private static MemoryModel build(ModelKey key) {
    FrozenLlama base = BASES.computeIfAbsent(key.base(), TaskModels::load);
    return new MemoryModel(
        base, key.segments(), AdapterShape.of(base.config(), key.rank(), key.alpha()));
  }

  private static FrozenLlama load(BaseKey key) {
    BasePrecision precision = key.device().isGpu() ? BasePrecision.BFLOAT16 : BasePrecision.FLOAT32;
    FrozenLlama base = FrozenLlama.load(Path.of(key.model()), key.device(), precision);
    if (!base.fingerprint().equals(key.fingerprint())) {
      base.close();
      throw new InvalidInputException(
          "model %s on an executor is not the driver's; put the same files on every machine"
              .formatted(key.model()));
    }
    return base;
  }
}
