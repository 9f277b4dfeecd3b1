package org.uiospark.model.adapter;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.safetensors.DType;
import org.uiospark.model.safetensors.SafetensorsFile;

/** Copies the tensors of a file into one flat vector, after all of them have been checked. */
record AdapterTensorReader(SafetensorsFile file, AdapterShape shape) {
  /** Every adapter has it, and its first dimension is the rank. */
  static final String RANK_TENSOR = "encoder.layers.0.self_attn.q_proj.lora_A.weight";

  float[] values() {
    // Before a list is made that is as long as the configuration says.
    if (shape.layers() > file.names().size()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: the configuration says %d layers, the file holds %d tensors",
              file.origin(),
              shape.layers(),
              file.names().size()));
    }
    List<AdapterShape.Slot> slots = shape.slots();
    checkRank();
    Set<String> extra = new HashSet<>(file.names());
    for (AdapterShape.Slot slot : slots) {
      check(slot);
      extra.remove(slot.name());
    }
    if (!extra.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: unexpected tensor %s; the adapter has no place for it",
              file.origin(),
              extra.stream().sorted().findFirst().orElseThrow()));
    }
    float[] values = new float[shape.size()];
    for (AdapterShape.Slot slot : slots) {
      float[] tensor = file.tensor(slot.name()).floats();
      for (int i = 0; i < tensor.length; i++) {
        if (!Float.isFinite(tensor[i])) {
          throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "%s: tensor %s holds %s at index %d; the adapter is damaged",
                  file.origin(),
                  slot.name(),
                  tensor[i],
                  i));
        }
      }
      System.arraycopy(tensor, 0, values, slot.offset(), tensor.length);
    }
    return values;
  }

  private void checkRank() {
    if (file.names().contains(RANK_TENSOR)) {
      long[] found = file.shape(RANK_TENSOR);
      if (found.length == 2 && found[0] != shape.rank() && found[1] == shape.hiddenSize()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: the adapter has rank %d, expected rank %d",
                file.origin(),
                found[0],
                shape.rank()));
      }
    }
  }

  private void check(AdapterShape.Slot slot) {
    if (!file.names().contains(slot.name())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s is missing; the adapter is not whole",
              file.origin(),
              slot.name()));
    }
    DType dtype = file.dtype(slot.name());
    if (dtype != DType.F32) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s is %s; an adapter is F32",
              file.origin(),
              slot.name(),
              dtype));
    }
    long[] found = file.shape(slot.name());
    if (!Arrays.equals(found, slot.dimensions())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s: tensor %s: expected shape %s, found %s",
              file.origin(),
              slot.name(),
              Arrays.toString(slot.dimensions()),
              Arrays.toString(found)));
    }
  }
}
