package org.uiospark.jobs.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.FloatTensor;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.safetensors.SafetensorsWriter;

/**
 * {@code optimizer.safetensors}: the moments of AdamW, as {@code first_moment.NAME} and {@code
 * second_moment.NAME} for every canonical name of the adapter.
 */
final class OptimizerFile {
  static final String FIRST = "first_moment.";
  static final String SECOND = "second_moment.";

  private OptimizerFile() {}

  static void write(OutputStream out, Checkpoint checkpoint) throws IOException {
    AdapterShape shape = checkpoint.adapter().shape();
    List<FloatTensor> tensors = new ArrayList<>();
    add(tensors, shape, FIRST, checkpoint.firstMoment());
    add(tensors, shape, SECOND, checkpoint.secondMoment());
    SafetensorsWriter.write(out, Map.of("format", "pt"), tensors);
  }

  private static void add(
      List<FloatTensor> tensors, AdapterShape shape, String prefix, float[] values) {
    for (AdapterShape.Slot slot : shape.slots()) {
      tensors.add(new FloatTensor(prefix + slot.name(), slot.dimensions(), values, slot.offset()));
    }
  }

  /** The moments with a prefix, in the layout of the adapter. */
  static float[] read(Path file, AdapterShape shape, String prefix) {
    float[] values = new float[shape.size()];
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      for (AdapterShape.Slot slot : shape.slots()) {
        String name = prefix + slot.name();
        if (!tensors.names().contains(name)
            || tensors.dtype(name) != DType.F32
            || !Arrays.equals(tensors.shape(name), slot.dimensions())) {
          throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "%s has no float32 tensor %s of shape %s",
                  file,
                  name,
                  Arrays.toString(slot.dimensions())));
        }
        float[] moment = tensors.tensor(name).floats();
        for (float value : moment) {
          if (!Float.isFinite(value) || (prefix.equals(SECOND) && value < 0)) {
            throw new InvalidInputException(
                String.format(
                    Locale.ROOT,
                    "%s: tensor %s holds %s; no optimizer wrote that",
                    file,
                    name,
                    value));
          }
        }
        System.arraycopy(moment, 0, values, slot.offset(), slot.size());
      }
    }
    return values;
  }
}
