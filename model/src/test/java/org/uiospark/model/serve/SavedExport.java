package org.uiospark.model.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;

/** What DJL serves of an export: an adapter of the embedded model, and the files beside it. */
final class SavedExport {
  static final Path MODEL =
      Path.of("../spark-jobs/src/main/resources/org/uiospark/jobs/quickstart/model");
  static final SegmentSettings SEGMENTS = new SegmentSettings(32, 4);

  private SavedExport() {}

  static void write(Path folder) throws IOException {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MODEL)) {
      AdapterShape shape = AdapterShape.of(base.config(), 4, 8);
      Adapter initial = Adapter.initial(shape, base.embedding(base.config().eosTokenId()), 1);
      // As a trained one: LoRA B is not zero.
      SplittableRandom random = new SplittableRandom(3);
      for (int i = 0; i < initial.values().length; i++) {
        initial.values()[i] += (float) (0.05 * random.nextGaussian());
      }
      AdapterFiles.save(
          folder,
          initial,
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              SEGMENTS,
              shape,
              Map.of()));
    }
    Files.copy(MODEL.resolve("tokenizer.json"), folder.resolve(ServingFiles.TOKENIZER));
    Files.writeString(
        folder.resolve(ServingFiles.PROPERTIES),
        ServingFiles.properties(SegmentRatios.of(SEGMENTS)));
    nameBase(folder, MODEL.toAbsolutePath().toString());
  }

  static void nameBase(Path folder, String path) throws IOException {
    Files.writeString(folder.resolve(ServingFiles.BASE_MODEL), "{\"path\": \"" + path + "\"}");
  }
}
