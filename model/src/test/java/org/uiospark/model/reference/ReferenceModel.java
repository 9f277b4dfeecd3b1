package org.uiospark.model.reference;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.segment.TokenSequence;

/**
 * The method once more, to compare with: plain loops in float64, without tensors, kernels or
 * anything that the program itself reads a {@code config.json} with. Slow, and nothing but sums.
 */
public final class ReferenceModel {
  private final ReferenceLayers layers;
  private final int segmentLength;
  private final int memoryTokens;

  /**
   * @param folder {@code config.json} and {@code model.safetensors}
   * @param loraScale alpha / rank
   */
  public ReferenceModel(Path folder, int segmentLength, int memoryTokens, double loraScale) {
    this.layers = new ReferenceLayers(folder, loraScale);
    this.segmentLength = segmentLength;
    this.memoryTokens = memoryTokens;
  }

  /** Sum of the cross-entropy of each segment, every one behind the memories of all before it. */
  public List<Double> losses(TokenSequence sequence, Map<String, double[]> adapter) {
    int[] ids = sequence.inputIds();
    List<Double> losses = new ArrayList<>();
    List<double[][][]> memories = new ArrayList<>();
    for (int start = 0; start < ids.length; start += segmentLength) {
      int end = Math.min(ids.length, start + segmentLength);
      double[][] logits = logits(memories, embedded(ids, start, end), adapter);
      double loss = 0;
      for (int j = start; j < end; j++) {
        int label = j + 1 < ids.length ? sequence.labels()[j + 1] : TokenSequence.IGNORED;
        if (label != TokenSequence.IGNORED) {
          loss -= logSoftmax(logits[j - start], 1)[label];
        }
      }
      losses.add(loss);
      if (end < ids.length) {
        memories.add(memory(Arrays.copyOfRange(ids, start, end), adapter));
      }
    }
    return losses;
  }

  /** Logits of the token after the last of some tokens. */
  public double[] next(int[] ids, Map<String, double[]> adapter) {
    List<double[][][]> memories = new ArrayList<>();
    int start = 0;
    for (; start + segmentLength < ids.length; start += segmentLength) {
      memories.add(memory(Arrays.copyOfRange(ids, start, start + segmentLength), adapter));
    }
    double[][] logits = logits(memories, embedded(ids, start, ids.length), adapter);
    return logits[logits.length - 1];
  }

  /** Sum of {@link #losses}. */
  public double loss(TokenSequence sequence, Map<String, double[]> adapter) {
    return losses(sequence, adapter).stream().mapToDouble(Double::doubleValue).sum();
  }

  /** The memory of a segment, a matrix [m, D] for each layer. */
  public double[][][] memory(int[] segment, Map<String, double[]> adapter) {
    int cover = segmentLength / memoryTokens;
    int rows = segmentLength + memoryTokens;
    double[][] x = new double[rows][];
    double[] positions = new double[rows];
    for (int row = 0; row < rows; row++) {
      int i = row - segmentLength;
      x[row] = i < 0 ? layers.embedding(segment[row]) : adapter.get("mem_embedding").clone();
      positions[row] = i < 0 ? row : (i + 1) * cover;
    }
    // The last memory token stands at position l.
    ReferenceRope rope = layers.rope(segmentLength + 1);
    double[][][] memory = new double[layers.count()][][];
    for (int layer = 0; layer < layers.count(); layer++) {
      double[][] h = layers.inputNorm(x, layer);
      memory[layer] = Arrays.copyOfRange(h, segmentLength, rows);
      if (layer < layers.count() - 1) {
        double[][] q =
            layers.turn(layers.projected(h, layer, "q", "encoder", adapter), positions, rope);
        double[][] k = layers.turn(layers.projected(h, layer, "k", "", adapter), positions, rope);
        double[][] v = layers.projected(h, layer, "v", "encoder", adapter);
        double[][] attention = new double[rows][];
        for (int row = 0; row < rows; row++) {
          int i = row - segmentLength;
          List<Integer> seen = new ArrayList<>();
          for (int j = 0; j < (i < 0 ? row + 1 : (i + 1) * cover); j++) {
            seen.add(j);
          }
          if (i >= 0) {
            seen.add(row);
          }
          attention[row] = layers.attend(q[row], k, v, seen);
        }
        layers.finish(x, attention, layer);
      }
    }
    return memory;
  }

  /** Logits behind each of some embedded tokens that are read after some memories. */
  public double[][] logits(
      List<double[][][]> memories, double[][] embedded, Map<String, double[]> adapter) {
    int before = memories.size() * memoryTokens;
    int rows = before + embedded.length;
    double[] positions = new double[rows];
    double[] own = new double[embedded.length];
    for (int row = 0; row < rows; row++) {
      positions[row] = row;
    }
    // A segment counts as whole from its first token on.
    ReferenceRope rope = layers.rope(before + Math.max(segmentLength, embedded.length));
    double[][] x = new double[embedded.length][];
    for (int j = 0; j < x.length; j++) {
      x[j] = embedded[j].clone();
      own[j] = before + j;
    }
    for (int layer = 0; layer < layers.count(); layer++) {
      double[][] h = layers.inputNorm(x, layer);
      List<double[]> keys = new ArrayList<>();
      List<double[]> values = new ArrayList<>();
      for (double[][][] memory : memories) {
        keys.addAll(List.of(layers.projected(memory[layer], layer, "k", "transfer", adapter)));
        values.addAll(List.of(layers.projected(memory[layer], layer, "v", "transfer", adapter)));
      }
      keys.addAll(List.of(layers.projected(h, layer, "k", "", adapter)));
      values.addAll(List.of(layers.projected(h, layer, "v", "", adapter)));
      double[][] q = layers.turn(layers.projected(h, layer, "q", "", adapter), own, rope);
      double[][] k = layers.turn(keys.toArray(double[][]::new), positions, rope);
      double[][] v = values.toArray(double[][]::new);
      double[][] attention = new double[x.length][];
      for (int j = 0; j < x.length; j++) {
        List<Integer> seen = new ArrayList<>();
        for (int row = 0; row <= before + j; row++) {
          seen.add(row);
        }
        attention[j] = layers.attend(q[j], k, v, seen);
      }
      layers.finish(x, attention, layer);
    }
    return layers.head(x);
  }

  /** Embeddings of the tokens from an index to another. */
  public double[][] embedded(int[] ids, int from, int to) {
    return Arrays.stream(ids, from, to).mapToObj(layers::embedding).toArray(double[][]::new);
  }

  /** Logarithms of the probabilities at a temperature. */
  public static double[] logSoftmax(double[] logits, double temperature) {
    double most = Arrays.stream(logits).max().orElseThrow();
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp((logit - most) / temperature);
    }
    double log = Math.log(sum);
    return Arrays.stream(logits).map(logit -> (logit - most) / temperature - log).toArray();
  }

  /** The tensors of a flat adapter, or of its gradient. */
  public static Map<String, double[]> tensors(AdapterShape shape, float[] flat) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (AdapterShape.Slot slot : shape.slots()) {
      int end = slot.offset() + slot.size();
      tensors.put(slot.name(), Arrays.copyOfRange(flat, slot.offset(), end));
    }
    return doubles(tensors);
  }

  static Map<String, double[]> doubles(Map<String, float[]> tensors) {
    Map<String, double[]> doubles = new LinkedHashMap<>();
    tensors.forEach(
        (name, values) -> {
          double[] wide = new double[values.length];
          Arrays.setAll(wide, i -> values[i]);
          doubles.put(name, wide);
        });
    return doubles;
  }
}
