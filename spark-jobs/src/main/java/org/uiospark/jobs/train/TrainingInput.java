package org.uiospark.jobs.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Objective;
import org.uiospark.jobs.settings.DataMixture;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.task.FittingData;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.jobs.train.step.TrainingData;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.gradient.Distillation;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;

/**
 * Base model and data sets, found to fit each other and the settings; the weights are not loaded.
 *
 * @param model shape of the base model
 * @param modelName what the user calls it
 * @param modelFingerprint identity of the base model
 * @param modelFolder its files
 * @param eosEmbedding where {@code <mem>} and {@code <repeat>} start, {@code [D]}
 * @param shape shape of the adapter
 * @param data the data sets
 */
record TrainingInput(
    LlamaConfig model,
    String modelName,
    String modelFingerprint,
    ModelFolder modelFolder,
    float[] eosEmbedding,
    AdapterShape shape,
    TrainingData data) {

  static TrainingInput open(TrainSettings settings, Configuration configuration) {
    ModelFolder folder = ModelFolder.of(settings.adapter().model(), configuration);
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder.path())) {
      FittingData fitting = new FittingData(folder, checkpoint.config());
      TrainingData data = data(settings, fitting, configuration);
      AdapterShape shape = settings.adapter().shape(checkpoint.config());
      return new TrainingInput(
          checkpoint.config(),
          Path.of(settings.adapter().model()).toAbsolutePath().normalize().getFileName().toString(),
          checkpoint.fingerprint(),
          folder,
          checkpoint.embedding(checkpoint.config().eosTokenId()),
          data.has(Objective.AE) ? shape.withRepeat() : shape,
          data);
    }
  }

  /** The data sets that the base model can read. */
  FittingData fittingData() {
    return new FittingData(modelFolder, model);
  }

  /** Tokens of the longest text that a sequence of the data sets may be to the decoder. */
  long longestText() {
    return data.sets().stream()
        .map(TaskData::description)
        .mapToLong(set -> Math.min(set.longestSequence(), mostRead(set)))
        .max()
        .orElseThrow();
  }

  /** Auto-encoding reads a segment behind its own memory, as the second of two would stand. */
  private static long mostRead(DataSetDescription set) {
    return set.objective() == Objective.AE
        ? 2L * set.recipe().cutting().segmentLength()
        : Long.MAX_VALUE;
  }

  private static TrainingData data(
      TrainSettings settings, FittingData fitting, Configuration configuration) {
    LlamaConfig model = fitting.model();
    ArrayList<TaskData> sets = new ArrayList<>();
    for (DataMixture.Part part : settings.data().parts()) {
      SequenceDataSet set = fitting.open(part.uri(), configuration);
      requireFit(settings, part.uri(), set, model);
      sets.add(TaskData.of(set, configuration));
    }
    TrainingData data = new TrainingData(sets, settings.data().weights());
    settings
        .gradient()
        .distillation()
        .of(model.rotary().maxPositions())
        .ifPresent(distillation -> requireTeacher(settings, distillation, data, model));
    return data;
  }

  private static void requireTeacher(
      TrainSettings settings, Distillation distillation, TrainingData data, LlamaConfig model) {
    int length = settings.adapter().segments().segmentLength();
    if (distillation.window() < length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.distill-window = %d is below the segment length %d; the teacher reads a segment at least",
              distillation.window(),
              length));
    }
    if (distillation.window() > model.rotary().maxPositions()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.distill-window = %d is beyond the %d positions that the model was trained for; 0 stands for those",
              distillation.window(),
              model.rotary().maxPositions()));
    }
    if (!data.has(Objective.LM) && !data.has(Objective.SFT)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.distill-weight = %s: the teacher predicts next tokens, and no data set in %s is lm or sft; add one or set it to 0",
              distillation.weight(),
              settings.data().text()));
    }
  }

  private static void requireFit(
      TrainSettings settings, String uri, SequenceDataSet data, LlamaConfig model) {
    int length = settings.adapter().segments().segmentLength();
    model.requireReach(length);
    if (data.segmentLength() != length) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "data set %s was cut with --segment-length %d, training has %d; make them the same",
              uri,
              data.segmentLength(),
              length));
    }
  }
}
