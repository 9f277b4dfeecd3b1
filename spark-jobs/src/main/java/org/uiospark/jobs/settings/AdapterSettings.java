package org.uiospark.jobs.settings;

import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/**
 * Which adapter is learned, and for which model.
 *
 * @param model directory of the base model
 * @param ratios segment length and the numbers of memory tokens, one of which each sequence has
 * @param rank LoRA rank
 * @param alpha LoRA alpha
 */
public record AdapterSettings(String model, SegmentRatios ratios, int rank, double alpha) {
  /** An adapter of one ratio. */
  public AdapterSettings(String model, SegmentSettings segments, int rank, double alpha) {
    this(model, SegmentRatios.of(segments), rank, alpha);
  }

  /** Reads it from a section that describes an adapter. */
  public static AdapterSettings of(Settings settings, String section) {
    return new AdapterSettings(
        settings.text(section + ".model"),
        new SegmentRatios(
            settings.integer(section + ".segment-length"),
            settings.allIntegers(section + ".memory-tokens")),
        settings.integer(section + ".rank"),
        settings.number(section + ".alpha"));
  }

  /** Segment length and the most memory tokens: what there has to be room for. */
  public SegmentSettings segments() {
    return ratios.most();
  }

  /** The same for the model of another directory. */
  public AdapterSettings with(String otherModel) {
    return new AdapterSettings(otherModel, ratios, rank, alpha);
  }

  /** The tensors that it has for a base model. */
  public AdapterShape shape(LlamaConfig base) {
    return AdapterShape.of(base, rank, alpha);
  }
}
