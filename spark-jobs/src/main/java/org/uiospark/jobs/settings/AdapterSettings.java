package org.uiospark.jobs.settings;

import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Which adapter is learned, and for which model.
 *
 * @param model directory of the base model
 * @param segments segment length and memory tokens
 * @param rank LoRA rank
 * @param alpha LoRA alpha
 */
public record AdapterSettings(String model, SegmentSettings segments, int rank, double alpha) {
  /** Reads it from a section that describes an adapter. */
  public static AdapterSettings of(Settings settings, String section) {
    return new AdapterSettings(
        settings.text(section + ".model"),
        new SegmentSettings(
            settings.integer(section + ".segment-length"),
            settings.integer(section + ".memory-tokens")),
        settings.integer(section + ".rank"),
        settings.number(section + ".alpha"));
  }

  /** The same for the model of another directory. */
  public AdapterSettings with(String otherModel) {
    return new AdapterSettings(otherModel, segments, rank, alpha);
  }

  /** The tensors that it has for a base model. */
  public AdapterShape shape(LlamaConfig base) {
    return AdapterShape.of(base, rank, alpha);
  }
}
