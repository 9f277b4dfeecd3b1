package org.uiospark.jobs.audit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.task.MemoryUse;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.model.estimator.Estimator;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.optim.GradientNorm;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsWriter;
import org.uiospark.model.segment.TokenSequence;

/**
 * Losses and gradient of one sequence, the loss divided by its valid labels, so that another
 * implementation can be held against this one. The weights are float32 on every device.
 */
public final class Audit {
  private final AuditSettings settings;
  private final Estimator estimator;
  private final TokenSequence sequence;
  private final MemoryModel model;
  private final DeviceAdapter adapter;
  private final Configuration configuration;

  private Audit(
      AuditSettings settings,
      Estimator estimator,
      MemoryModel model,
      DeviceAdapter adapter,
      Configuration configuration) {
    this.settings = settings;
    this.configuration = configuration;
    this.estimator = estimator;
    this.sequence = AuditTokens.read(new InputFile(settings.tokens(), configuration));
    this.model = model;
    this.adapter = adapter;
  }

  /**
   * Computes, writes the gradient where the settings say so, and tells the rest as JSON.
   *
   * @param given settings of the section {@code audit}
   * @param configuration for the file system of the adapter
   * @return a JSON object: {@code estimator}, {@code loss_sum_per_segment}, {@code valid_labels},
   *     {@code gradient_norm}, and with repeats the comparison with {@code exact}
   * @throws InvalidInputException if a file is missing, damaged or does not fit the model
   */
  public static String run(Settings given, Configuration configuration) {
    AuditSettings settings = AuditSettings.of(given);
    Estimator estimator = settings.estimator().estimator();
    if (!settings.gradients().isEmpty()) {
      gradients(settings, configuration).requireWritable();
    }
    try (FrozenLlama base =
        FrozenLlama.load(
            ModelFolder.of(settings.model(), configuration).path(),
            ComputeDevice.available(),
            BasePrecision.FLOAT32)) {
      AuditAdapter adapter = AuditAdapter.load(settings, given, base, configuration);
      try (MemoryModel model =
              new MemoryModel(base, adapter.segments(), adapter.adapter().shape());
          DeviceAdapter uploaded = model.upload(adapter.adapter())) {
        return NativeMemory.guard(
            use(settings, adapter),
            () ->
                new Audit(settings, estimator, model, uploaded, configuration)
                    .report()
                    .toPrettyString());
      }
    }
  }

  private static MemoryUse use(AuditSettings settings, AuditAdapter adapter) {
    return new MemoryUse(
        String.format(
            Locale.ROOT,
            "estimator %s, segments of %d tokens",
            settings.estimator().name(),
            adapter.segments().segmentLength()),
        "lower --segment-length");
  }

  private ObjectNode report() {
    ComputedGradient gradient = gradient(estimator, 0);
    if (!settings.gradients().isEmpty()) {
      write(settings.gradients(), gradient.values());
    }
    ObjectNode report = new ObjectMapper().createObjectNode();
    report.put("estimator", settings.estimator().name());
    ArrayNode sums = report.putArray("loss_sum_per_segment");
    gradient.loss().sums().forEach(sums::add);
    report.put("valid_labels", gradient.loss().validLabels());
    report.put("gradient_norm", GradientNorm.of(gradient.values()));
    if (settings.repeats() > 0) {
      compare(report, gradient);
    }
    return report;
  }

  private void compare(ObjectNode report, ComputedGradient firstDraw) {
    EstimatorComparison comparison =
        new EstimatorComparison(
            gradient(new Estimator.Exact(), 0).encoderPart(),
            EstimatorComparison::dot,
            settings.repeats());
    if (comparison.exactNorm() == 0) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT,
                  "%s gives the encoder no gradient to compare with: it needs two segments of %d tokens",
                  settings.tokens(),
                  model.segments().segmentLength())
              + " and an adapter whose LoRA B is not all zero");
    }
    comparison.add(firstDraw.encoderPart());
    for (int repeat = 1; repeat < settings.repeats(); repeat++) {
      comparison.add(gradient(estimator, repeat).encoderPart());
    }
    ObjectNode draws = report.putObject("against_exact");
    draws.put("repeats", settings.repeats());
    draws.put("gradient_norm_ratio_mean", comparison.ratioMean());
    draws.put("gradient_norm_ratio_variance", comparison.ratioVariance());
    draws.put("relative_bias", comparison.distance());
  }

  private ComputedGradient gradient(Estimator drawn, int repeat) {
    int segments = sequence.segments(model.segments().segmentLength());
    return ComputedGradient.of(
            model,
            adapter,
            sequence,
            drawn.draw(segments, KeyedRandom.of(settings.seed(), repeat, 0)))
        .mean();
  }

  /** The folder of the file that the gradient is written to. */
  private static OutputFolder gradients(AuditSettings settings, Configuration configuration) {
    OutputFolder file = OutputFolder.of(settings.gradients(), configuration);
    return new OutputFolder(file.fs(), file.root().getParent());
  }

  private void write(String file, float[] gradient) {
    List<FloatTensor> tensors =
        model.shape().slots().stream()
            .map(slot -> new FloatTensor(slot.name(), slot.dimensions(), gradient, slot.offset()))
            .toList();
    try {
      if (!InputFile.isUri(file)) {
        SafetensorsWriter.write(Path.of(file), Map.of("format", "pt"), tensors);
        return;
      }
      OutputFolder remote = OutputFolder.of(file, configuration);
      try (OutputStream out = remote.fs().create(remote.root(), true)) {
        SafetensorsWriter.write(out, Map.of("format", "pt"), tensors);
      }
    } catch (IOException | FSError e) {
      throw new InvalidInputException(
          "gradients file "
              + file
              + " cannot be written: "
              + e.getMessage()
              + "; free space there or name another",
          e);
    }
  }
}
