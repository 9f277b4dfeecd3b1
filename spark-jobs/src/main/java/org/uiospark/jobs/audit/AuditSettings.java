package org.uiospark.jobs.audit;

import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.model.segment.SegmentSettings;

/**
 * What {@code audit} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param tokens JSON file with {@code input_ids} and optionally {@code labels}
 * @param segments segment length and memory tokens
 * @param alpha LoRA alpha
 * @param estimator gradient through the memories
 * @param seed of the estimator's draws
 * @param gradients safetensors file for the gradient, empty for none
 * @param repeats draws to compare with {@code exact}, 0 for none
 */
public record AuditSettings(
    String model,
    String adapter,
    String tokens,
    SegmentSettings segments,
    double alpha,
    EstimatorSettings estimator,
    long seed,
    String gradients,
    int repeats) {

  /** Reads and checks the sections {@code audit} and {@code adapter}. */
  public static AuditSettings of(Settings settings) {
    return new AuditSettings(
        settings.required("audit.model"),
        settings.required("audit.adapter"),
        settings.required("audit.tokens"),
        TrainSettings.segments(settings),
        settings.positive("adapter.alpha"),
        EstimatorSettings.of(settings, "audit"),
        settings.whole("audit.seed"),
        settings.text("audit.gradients"),
        settings.atLeast("audit.repeats", 0));
  }
}
