package org.uiospark.jobs.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.jobs.results.Versions;
import org.uiospark.jobs.settings.DistillationSettings;
import org.uiospark.jobs.settings.OptimizerSettings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.train.step.LaneSettings;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.segment.SegmentRatios;

/**
 * What a run is, as its checkpoints tell it.
 *
 * @param settings what the user asked for
 * @param input base model and data sets
 * @param arithmetic how the tasks compute
 * @param precision of the base model on their devices
 * @param sparkVersion of the Spark that runs them
 */
record RunDescription(
    TrainSettings settings,
    TrainingInput input,
    Arithmetic arithmetic,
    BasePrecision precision,
    String sparkVersion) {

  /** The state of the run before its first step. */
  TrainerState state() {
    return new TrainerState(
        TrainerState.FORMAT_VERSION,
        0,
        settings.steps().seed(),
        input.modelFingerprint(),
        input.data().fingerprint(),
        values(),
        Versions.with(sparkVersion));
  }

  /** What the tasks of the run need to know of it. */
  LaneSettings lanes() {
    return new LaneSettings(
        new ModelReference(
            input.modelFolder().name(),
            input.modelFolder().sums(),
            input.modelFingerprint(),
            settings.adapter().segments().segmentLength(),
            settings.adapter().segments().memoryTokens(),
            input.shape(),
            arithmetic),
        settings.adapter().ratios(),
        leastMemory(),
        MemoryAdvice.of(settings, input, precision),
        settings.gradient().estimator(),
        settings.steps().laneSequences(),
        settings.steps().chunkSegments(),
        settings.steps().seed(),
        settings.gradient().graphMemoryBytes(),
        settings.gradient().distillation().of(input.model().rotary().maxPositions()).orElse(null));
  }

  /** Bytes that a device has to have, whatever the sequences. */
  long leastMemory() {
    return MemoryCount.least(
        input.model(), input.shape(), settings.adapter().segments(), precision);
  }

  private Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    values.put("model", settings.adapter().model());
    values.put("data", settings.data().text());
    values.put("steps", settings.steps().count());
    values.put("batch", settings.steps().batch());
    values.put("lane_sequences", settings.steps().laneSequences());
    values.put("chunk_segments", settings.steps().chunkSegments());
    values.put("segment_length", settings.adapter().segments().segmentLength());
    values.put("memory_tokens", memoryTokens());
    values.put("rank", settings.adapter().rank());
    values.put("alpha", settings.adapter().alpha());
    values.put("products", arithmetic.productsName());
    values.put("threads", arithmetic.threads());
    values.put("estimator", settings.gradient().estimator().name());
    // A setting that the estimator does not use may differ when the run is resumed.
    switch (settings.gradient().estimator().name()) {
      case "tbptt", "unbiased" -> values.put("window", settings.gradient().estimator().window());
      case "sampled" -> values.put("samples", settings.gradient().estimator().samples());
      default -> {}
    }
    DistillationSettings distillation = settings.gradient().distillation();
    if (distillation.weight() > 0) {
      values.put("distill_weight", distillation.weight());
      values.put("distill_temperature", distillation.temperature());
      values.put("distill_window", distillation.window());
    }
    OptimizerSettings optimizer = settings.optimizer();
    values.put("lr", optimizer.lr());
    values.put("warmup", optimizer.warmup());
    values.put("weight_decay", optimizer.weightDecay());
    values.put("beta1", optimizer.beta1());
    values.put("beta2", optimizer.beta2());
    values.put("clip", optimizer.clip());
    values.put("graph_memory", settings.gradient().graphMemoryBytes());
    values.put("checkpoint_every", settings.checkpoints().every());
    if (!settings.checkpoints().heldOut().data().isEmpty()) {
      values.put("held_out", settings.checkpoints().heldOut().data());
      values.put("held_out_sequences", settings.checkpoints().heldOut().sequences());
    }
    return values;
  }

  /** A number where there is one, else a text of them all. */
  private Object memoryTokens() {
    SegmentRatios ratios = settings.adapter().ratios();
    return ratios.memoryTokens().size() == 1 ? ratios.most().memoryTokens() : ratios.text();
  }

  /** The configuration of an adapter in a checkpoint, with where it comes from. */
  AdapterConfig adapterConfig(AdapterShape shape, TrainerState state) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("step", state.step());
    provenance.put("seed", state.seed());
    provenance.put("data_fingerprint", state.dataFingerprint());
    provenance.put("settings", state.settings());
    provenance.put("versions", state.versions());
    return AdapterConfig.of(
        AdapterConfig.BaseModel.of(input.modelName(), input.modelFingerprint(), input.model()),
        settings.adapter().ratios(),
        shape,
        provenance);
  }
}
