package org.uiospark.jobs;

import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.Losses;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/** An output of train with an adapter that a test knows. */
final class SavedRun {
  private SavedRun() {}

  /** Writes a checkpoint of {@code adapter} for {@code model} to {@code run}. */
  static void write(Path run, Path model, Adapter adapter, SegmentSettings segments) {
    write(run, model, adapter, SegmentRatios.of(segments));
  }

  /** The same as trained for some ratios. */
  static void write(Path run, Path model, Adapter adapter, SegmentRatios ratios) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(model)) {
      float[] zeros = new float[adapter.shape().size()];
      TrainerState state =
          new TrainerState(
              1,
              1,
              5,
              base.fingerprint(),
              "d".repeat(64),
              Map.of(
                  "model", model.toAbsolutePath().normalize().toString(),
                  "rank", adapter.shape().rank(),
                  "lr", 1e-3),
              Map.of("java", "17"));
      AdapterConfig config =
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              ratios,
              adapter.shape(),
              Map.of());
      new CheckpointStore(OutputFolder.of(run.toString(), new Configuration()))
          .save(new Checkpoint(config, adapter, zeros, zeros, state), Losses.UNKNOWN);
    }
  }

  /** An adapter whose values all differ and are small, B among them. */
  static Adapter adapter(Path model, int rank, double alpha) {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(model)) {
      AdapterShape shape = AdapterShape.of(base.config(), rank, alpha);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (0.05 * Math.sin(1.7 * i));
      }
      return new Adapter(shape, values);
    }
  }
}
