package org.uiospark.jobs.audit;

import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.jobs.settings.Settings;

/**
 * What {@code audit} does.
 *
 * @param model directory of the base model
 * @param adapter URI of an exported adapter or a checkpoint
 * @param tokens JSON file with {@code input_ids} and optionally {@code labels}
 * @param estimator gradient through the memories
 * @param seed of the estimator's draws
 * @param gradients safetensors file for the gradient, empty for none
 * @param repeats draws to compare with {@code exact}, 0 for none
 */
public record AuditSettings(
    String model,
    String adapter,
    String tokens,
    EstimatorSettings estimator,
    long seed,
    String gradients,
    int repeats) {

  /** Reads and checks the section {@code audit}. */
  public static AuditSettings of(Settings settings) {
    return new AuditSettings(
        settings.text("audit.model"),
        settings.text("audit.adapter"),
        settings.given("audit.tokens"),
        EstimatorSettings.of(settings, "audit"),
        settings.whole("audit.seed"),
        settings.text("audit.gradients"),
        settings.isAuto("audit.repeats") ? 0 : settings.integer("audit.repeats"));
  }
}
