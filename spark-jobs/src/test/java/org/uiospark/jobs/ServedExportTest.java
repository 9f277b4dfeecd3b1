package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.DeferredTranslatorFactory;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.uiospark.model.segment.SegmentSettings;

/** What export wrote, loaded through DJL's {@code Criteria} alone. */
class ServedExportTest extends CommandInput {

  @Test
  void criteriaLoadsAnExportAndContinuesAsGenerateDoes() throws Exception {
    SavedRun.write(
        folder.resolve("run"), model, SavedRun.adapter(model, 4, 8), new SegmentSettings(32, 4));
    assertThat(export(folder.resolve("run")).status()).isZero();
    String text = "It was a dark night and the boy ran home. ".repeat(12);
    Files.writeString(prompt, text);
    CommandRun generated =
        CommandRun.of(
            "generate",
            "--model",
            model,
            "--adapter",
            output,
            "--prompt-file",
            prompt,
            "--max-new-tokens",
            16);

    Criteria<String, String> criteria =
        Criteria.builder()
            .setTypes(String.class, String.class)
            .optModelPath(output)
            .optTranslatorFactory(new DeferredTranslatorFactory())
            .optArgument("max_new_tokens", 16)
            .build();
    try (ZooModel<String, String> served = criteria.loadModel();
        Predictor<String, String> predictor = served.newPredictor()) {
      assertThat(predictor.predict(text) + "\n").isEqualToNormalizingNewlines(generated.out());
    }
    assertThat(generated.out()).hasSizeGreaterThan(16);
  }
}
