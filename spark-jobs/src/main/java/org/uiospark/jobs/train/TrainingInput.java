package org.uiospark.jobs.train;

import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.SequenceDataSet;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;

/**
 * Base model and data set, found to fit each other and the settings; the weights are not loaded.
 *
 * @param model shape of the base model
 * @param modelName what the user calls it
 * @param modelFingerprint identity of the base model
 * @param modelFolder its files
 * @param eosEmbedding where {@code <mem>} starts, {@code [D]}
 * @param data the data set
 */
record TrainingInput(
    LlamaConfig model,
    String modelName,
    String modelFingerprint,
    ModelFolder modelFolder,
    float[] eosEmbedding,
    TaskData data) {

  static TrainingInput open(TrainSettings settings, Configuration configuration) {
    ModelFolder folder = ModelFolder.of(settings.model(), configuration);
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder.path())) {
      SequenceDataSet data = SequenceDataSet.open(settings.data(), configuration);
      requireFit(settings, data, checkpoint.config());
      return new TrainingInput(
          checkpoint.config(),
          Path.of(settings.model()).toAbsolutePath().normalize().getFileName().toString(),
          checkpoint.fingerprint(),
          folder,
          checkpoint.embedding(checkpoint.config().eosTokenId()),
          TaskData.of(data, configuration));
    }
  }

  int sequences() {
    return Math.toIntExact(data.description().sequences());
  }

  private static void requireFit(TrainSettings settings, SequenceDataSet data, LlamaConfig model) {
    if (data.size() == 0) {
      throw new InvalidInputException(
          "data set %s holds no sequence; give prep more text or lower --min-segments"
              .formatted(settings.data()));
    }
    TaskData.requireVocabulary(data, settings.model(), model);
    int length = settings.segments().segmentLength();
    model.requireReach(length);
    if (data.segmentLength() != length) {
      throw new InvalidInputException(
          "data set %s was cut with --segment-length %d, training has %d; make them the same"
              .formatted(settings.data(), data.segmentLength(), length));
    }
  }
}
