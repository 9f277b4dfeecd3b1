package org.uiospark.model.reference;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MatrixProducts;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

/** A tiny model with what an independent float64 implementation computed for it. */
public record GoldenCase(
    Path folder,
    FrozenLlama base,
    MemoryModel model,
    Adapter adapter,
    TokenSequence sequence,
    JsonNode expected)
    implements AutoCloseable {

  public static GoldenCase open(String name) {
    return open(name, MatrixProducts.here());
  }

  public static GoldenCase open(String name, MatrixProducts products) {
    Path folder = Path.of("src/test/resources/fixtures", name);
    JsonNode expected = json(folder.resolve("expected.json"));
    FrozenLlama base = FrozenLlama.load(folder, Device.cpu(), BasePrecision.FLOAT32);
    AdapterShape shape =
        AdapterShape.of(
            base.config(),
            expected.get("lora_rank").asInt(),
            expected.get("lora_alpha").asDouble());
    SegmentSettings segments =
        new SegmentSettings(
            expected.get("segment_length").asInt(), expected.get("memory_tokens").asInt());
    JsonNode tokens = json(folder.resolve("tokens.json"));
    int[] ids = ints(tokens.get("input_ids"));
    TokenSequence sequence =
        new TokenSequence(name, 0, ids, tokens.has("labels") ? ints(tokens.get("labels")) : ids);
    return new GoldenCase(
        folder,
        base,
        new MemoryModel(base, segments, shape, new Arithmetic(products, 1)),
        new Adapter(shape, flat(shape, folder.resolve("adapter.safetensors"))),
        sequence,
        expected);
  }

  public Map<String, float[]> tensors(String file) {
    return tensors(folder.resolve(file));
  }

  /** A gradient in the layout of the adapter. */
  public float[] gradient(String file) {
    return flat(adapter.shape(), folder.resolve(file));
  }

  private static float[] flat(AdapterShape shape, Path file) {
    Map<String, float[]> tensors = tensors(file);
    float[] flat = new float[shape.size()];
    for (AdapterShape.Slot slot : shape.slots()) {
      System.arraycopy(tensors.get(slot.name()), 0, flat, slot.offset(), slot.size());
    }
    return flat;
  }

  public List<Double> losses() {
    List<Double> losses = new ArrayList<>();
    expected.get("loss_sum_per_segment").forEach(loss -> losses.add(loss.asDouble()));
    return losses;
  }

  public List<Set<Integer>> reservoir() {
    List<Set<Integer>> steps = new ArrayList<>();
    for (JsonNode step : expected.get("reservoir_at_step_2")) {
      Set<Integer> content = new TreeSet<>();
      step.forEach(s -> content.add(s.asInt()));
      steps.add(content);
    }
    return steps;
  }

  public static Map<String, float[]> tensors(Path file) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.names()) {
        tensors.put(name, opened.tensor(name).floats());
      }
    }
    return tensors;
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  @Override
  public void close() {
    model.close();
    base.close();
  }
}
