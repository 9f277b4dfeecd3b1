package org.uiospark.model.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.segment.TokenSequence;

/**
 * The method once more, to compare with: plain loops in float64, without tensors, kernels or
 * anything that the program itself reads a {@code config.json} with. Slow, and nothing but sums.
 */
public final class ReferenceModel {
  private final Map<String, double[]> weights;
  private final int hidden;
  private final int inner;
  private final int layers;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final int vocabulary;
  private final double epsilon;
  private final boolean tied;
  private final JsonNode config;
  private final int segmentLength;
  private final int memoryTokens;
  private final double loraScale;

  /**
   * @param folder {@code config.json} and {@code model.safetensors}
   * @param loraScale alpha / rank
   */
  public ReferenceModel(Path folder, int segmentLength, int memoryTokens, double loraScale) {
    this.config = json(folder.resolve("config.json"));
    this.weights = doubles(GoldenCase.tensors(folder.resolve("model.safetensors")));
    this.hidden = config.get("hidden_size").asInt();
    this.inner = config.get("intermediate_size").asInt();
    this.layers = config.get("num_hidden_layers").asInt();
    this.heads = config.get("num_attention_heads").asInt();
    this.kvHeads = config.path("num_key_value_heads").asInt(heads);
    this.headDim = config.path("head_dim").asInt(hidden / heads);
    this.vocabulary = config.get("vocab_size").asInt();
    this.epsilon = config.get("rms_norm_eps").asDouble();
    this.tied = config.path("tie_word_embeddings").asBoolean();
    this.segmentLength = segmentLength;
    this.memoryTokens = memoryTokens;
    this.loraScale = loraScale;
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
      x[row] = i < 0 ? embedding(segment[row]) : adapter.get("mem_embedding").clone();
      positions[row] = i < 0 ? row : (i + 1) * cover;
    }
    // The last memory token stands at position l.
    ReferenceRope rope = ReferenceRope.of(config, headDim, segmentLength + 1);
    double[][][] memory = new double[layers][][];
    for (int layer = 0; layer < layers; layer++) {
      double[][] h =
          norm(x, String.format(Locale.ROOT, "model.layers.%d.input_layernorm.weight", layer));
      memory[layer] = Arrays.copyOfRange(h, segmentLength, rows);
      if (layer < layers - 1) {
        double[][] q = turn(projected(h, layer, "q", "encoder", adapter), positions, rope);
        double[][] k = turn(projected(h, layer, "k", "", adapter), positions, rope);
        double[][] v = projected(h, layer, "v", "encoder", adapter);
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
          attention[row] = attend(q[row], k, v, seen);
        }
        finish(x, attention, layer);
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
    ReferenceRope rope =
        ReferenceRope.of(config, headDim, before + Math.max(segmentLength, embedded.length));
    double[][] x = new double[embedded.length][];
    for (int j = 0; j < x.length; j++) {
      x[j] = embedded[j].clone();
      own[j] = before + j;
    }
    for (int layer = 0; layer < layers; layer++) {
      double[][] h =
          norm(x, String.format(Locale.ROOT, "model.layers.%d.input_layernorm.weight", layer));
      List<double[]> keys = new ArrayList<>();
      List<double[]> values = new ArrayList<>();
      for (double[][][] memory : memories) {
        keys.addAll(List.of(projected(memory[layer], layer, "k", "transfer", adapter)));
        values.addAll(List.of(projected(memory[layer], layer, "v", "transfer", adapter)));
      }
      keys.addAll(List.of(projected(h, layer, "k", "", adapter)));
      values.addAll(List.of(projected(h, layer, "v", "", adapter)));
      double[][] q = turn(projected(h, layer, "q", "", adapter), own, rope);
      double[][] k = turn(keys.toArray(double[][]::new), positions, rope);
      double[][] v = values.toArray(double[][]::new);
      double[][] attention = new double[x.length][];
      for (int j = 0; j < x.length; j++) {
        List<Integer> seen = new ArrayList<>();
        for (int row = 0; row <= before + j; row++) {
          seen.add(row);
        }
        attention[j] = attend(q[j], k, v, seen);
      }
      finish(x, attention, layer);
    }
    double[] head = weights.get(tied ? "model.embed_tokens.weight" : "lm_head.weight");
    return times(norm(x, "model.norm.weight"), head, vocabulary);
  }

  /** Embeddings of the tokens from an index to another. */
  public double[][] embedded(int[] ids, int from, int to) {
    return Arrays.stream(ids, from, to).mapToObj(this::embedding).toArray(double[][]::new);
  }

  private double[] embedding(int token) {
    double[] table = weights.get("model.embed_tokens.weight");
    return Arrays.copyOfRange(table, token * hidden, (token + 1) * hidden);
  }

  /**
   * q, k or v: weight, bias where the model has one, LoRA where a part of the adapter is named, and
   * the norm of each head where the model has one.
   */
  private double[][] projected(
      double[][] h, int layer, String target, String part, Map<String, double[]> adapter) {
    String module = String.format(Locale.ROOT, "layers.%d.self_attn.%s_proj.", layer, target);
    int width = (target.equals("q") ? heads : kvHeads) * headDim;
    double[][] out = times(h, weights.get("model." + module + "weight"), width);
    double[] bias = weights.get("model." + module + "bias");
    if (bias != null) {
      for (double[] row : out) {
        add(row, bias, 1);
      }
    }
    if (!part.isEmpty()) {
      double[] a = adapter.get(part + "." + module + "lora_A.weight");
      double[] b = adapter.get(part + "." + module + "lora_B.weight");
      double[][] update = times(times(h, a, a.length / hidden), b, width);
      for (int row = 0; row < out.length; row++) {
        add(out[row], update[row], loraScale);
      }
    }
    double[] norm =
        weights.get(
            String.format(Locale.ROOT, "model.layers.%d.self_attn.%s_norm.weight", layer, target));
    return norm == null ? out : normedByHead(out, norm);
  }

  private double[][] normedByHead(double[][] x, double[] weight) {
    double[][] out = new double[x.length][x[0].length];
    for (int row = 0; row < x.length; row++) {
      for (int at = 0; at < x[row].length; at += headDim) {
        double squares = 0;
        for (int j = 0; j < headDim; j++) {
          squares += x[row][at + j] * x[row][at + j];
        }
        for (int j = 0; j < headDim; j++) {
          out[row][at + j] = x[row][at + j] / Math.sqrt(squares / headDim + epsilon) * weight[j];
        }
      }
    }
    return out;
  }

  /** Rotates pairs (j, j + d / 2) of each head. */
  private double[][] turn(double[][] x, double[] positions, ReferenceRope rope) {
    double[][] turned = new double[x.length][];
    int half = headDim / 2;
    for (int row = 0; row < x.length; row++) {
      turned[row] = new double[x[row].length];
      for (int at = 0; at < x[row].length; at += headDim) {
        for (int j = 0; j < half; j++) {
          double angle = positions[row] * rope.frequencies()[j];
          double cos = rope.magnitude() * Math.cos(angle);
          double sin = rope.magnitude() * Math.sin(angle);
          double first = x[row][at + j];
          double second = x[row][at + j + half];
          turned[row][at + j] = first * cos - second * sin;
          turned[row][at + j + half] = second * cos + first * sin;
        }
      }
    }
    return turned;
  }

  /** All heads of one query over the rows that it sees. */
  private double[] attend(double[] q, double[][] k, double[][] v, List<Integer> seen) {
    double[] out = new double[heads * headDim];
    for (int head = 0; head < heads; head++) {
      int from = head / (heads / kvHeads) * headDim;
      double[] scores = new double[seen.size()];
      for (int n = 0; n < scores.length; n++) {
        for (int j = 0; j < headDim; j++) {
          scores[n] += q[head * headDim + j] * k[seen.get(n)][from + j] / Math.sqrt(headDim);
        }
      }
      double[] logs = logSoftmax(scores, 1);
      for (int n = 0; n < scores.length; n++) {
        for (int j = 0; j < headDim; j++) {
          out[head * headDim + j] += Math.exp(logs[n]) * v[seen.get(n)][from + j];
        }
      }
    }
    return out;
  }

  /** Output projection and MLP, each added to x in place. */
  private void finish(double[][] x, double[][] attention, int layer) {
    String name = String.format(Locale.ROOT, "model.layers.%d.", layer);
    double[][] o = times(attention, weights.get(name + "self_attn.o_proj.weight"), hidden);
    for (int row = 0; row < x.length; row++) {
      add(x[row], o[row], 1);
      if (weights.containsKey(name + "self_attn.o_proj.bias")) {
        add(x[row], weights.get(name + "self_attn.o_proj.bias"), 1);
      }
    }
    double[][] h = norm(x, name + "post_attention_layernorm.weight");
    double[][] gate = times(h, weights.get(name + "mlp.gate_proj.weight"), inner);
    double[][] up = times(h, weights.get(name + "mlp.up_proj.weight"), inner);
    for (int row = 0; row < x.length; row++) {
      for (int j = 0; j < inner; j++) {
        up[row][j] *= gate[row][j] / (1 + Math.exp(-gate[row][j]));
      }
    }
    double[][] down = times(up, weights.get(name + "mlp.down_proj.weight"), hidden);
    for (int row = 0; row < x.length; row++) {
      add(x[row], down[row], 1);
    }
  }

  private double[][] norm(double[][] x, String name) {
    double[] weight = weights.get(name);
    double[][] out = new double[x.length][hidden];
    for (int row = 0; row < x.length; row++) {
      double squares = 0;
      for (double value : x[row]) {
        squares += value * value;
      }
      for (int j = 0; j < hidden; j++) {
        out[row][j] = x[row][j] / Math.sqrt(squares / hidden + epsilon) * weight[j];
      }
    }
    return out;
  }

  /** x [n, in] by w [out, in]. */
  private static double[][] times(double[][] x, double[] w, int out) {
    double[][] product = new double[x.length][out];
    for (int row = 0; row < x.length; row++) {
      int in = x[row].length;
      for (int i = 0; i < out; i++) {
        double sum = 0;
        for (int j = 0; j < in; j++) {
          sum += x[row][j] * w[i * in + j];
        }
        product[row][i] = sum;
      }
    }
    return product;
  }

  private static void add(double[] to, double[] other, double factor) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * other[i];
    }
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

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
