package org.uiospark.model.memory;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.llama.LlamaConfig;

/**
 * The model of DESIGN in plain float64 loops, forward only, one token and one head at a time: what
 * the kernels are checked against, and no line of them.
 */
final class ReferenceObjectives {
  private static final int POSITIONS = 200;

  private final LlamaConfig config;
  private final SegmentSettings segments;
  private final AdapterShape shape;
  private final Map<String, AdapterShape.Slot> slots = new HashMap<>();
  private final double[][] cos;
  private final double[][] sin;
  private final Map<String, double[]> base = new HashMap<>();

  /** Keys and values of rows, {@code [L][rows][kv]}, not rotated yet. */
  record Rows(double[][][] keys, double[][][] values) {}

  ReferenceObjectives(
      Path folder, LlamaConfig config, SegmentSettings segments, AdapterShape shape) {
    this.config = config;
    this.segments = segments;
    this.shape = shape;
    shape.slots().forEach(slot -> slots.put(slot.name(), slot));
    int half = config.headDim() / 2;
    cos = new double[POSITIONS][half];
    sin = new double[POSITIONS][half];
    for (int position = 0; position < POSITIONS; position++) {
      for (int c = 0; c < half; c++) {
        double angle = position / Math.pow(config.ropeTheta(), (double) c / half);
        cos[position][c] = Math.cos(angle);
        sin[position][c] = Math.sin(angle);
      }
    }
    GoldenCase.tensors(folder.resolve("model.safetensors"))
        .forEach((name, values) -> base.put(name, doubles(values)));
    if (config.tieWordEmbeddings()) {
      base.put("lm_head.weight", base.get("model.embed_tokens.weight"));
    }
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** A tensor of a flat adapter. */
  double[] tensor(double[] adapter, String name) {
    AdapterShape.Slot slot = slots.get(name);
    return Arrays.copyOfRange(adapter, slot.offset(), slot.offset() + slot.size());
  }

  double[] embedding(int token) {
    int width = config.hiddenSize();
    double[] table = base.get("model.embed_tokens.weight");
    return Arrays.copyOfRange(table, token * width, (token + 1) * width);
  }

  /** Keys and values of the memory of a whole segment. */
  Rows memory(double[] adapter, int[] ids) {
    int l = ids.length;
    int m = segments.memoryTokens();
    int cover = l / m;
    double[][] x = new double[l + m][];
    int[] positions = new int[l + m];
    for (int j = 0; j < l + m; j++) {
      x[j] = j < l ? embedding(ids[j]) : tensor(adapter, "mem_embedding");
      positions[j] = j < l ? j : (j - l + 1) * cover;
    }
    Rows rows = new Rows(new double[config.layers()][][], new double[config.layers()][][]);
    for (int i = 0; i < config.layers(); i++) {
      double[][] h = normed(x, "model.layers." + i + ".input_layernorm.weight");
      double[][] memory = Arrays.copyOfRange(h, l, l + m);
      rows.keys[i] = adapted(adapter, memory, "transfer", i, "k");
      rows.values[i] = adapted(adapter, memory, "transfer", i, "v");
      if (i == config.layers() - 1) {
        break;
      }
      double[][] q = adapted(adapter, h, "encoder", i, "q");
      double[][] k = linear(h, base.get(projection(i, "k")));
      double[][] v = adapted(adapter, h, "encoder", i, "v");
      rotate(q, positions);
      rotate(k, positions);
      double[][] attention = new double[l + m][];
      for (int j = 0; j < l + m; j++) {
        List<Integer> seen = new ArrayList<>();
        for (int s = 0; s < l; s++) {
          if (j < l ? s <= j : s < (j - l + 1) * cover) {
            seen.add(s);
          }
        }
        if (j >= l) {
          seen.add(j);
        }
        attention[j] = attend(q[j], k, v, seen);
      }
      x = finish(x, attention, i);
    }
    return rows;
  }

  /** Logits of embedded tokens that follow memories, {@code [n][vocabulary]}. */
  double[][] logits(List<Rows> memories, double[][] embedded) {
    double[][] x = embedded;
    int n = x.length;
    int m = memories.size() * segments.memoryTokens();
    for (int i = 0; i < config.layers(); i++) {
      double[][] h = normed(x, "model.layers." + i + ".input_layernorm.weight");
      List<double[]> keys = new ArrayList<>();
      List<double[]> values = new ArrayList<>();
      for (Rows memory : memories) {
        Arrays.stream(memory.keys[i]).map(double[]::clone).forEach(keys::add);
        values.addAll(List.of(memory.values[i]));
      }
      keys.addAll(List.of(linear(h, base.get(projection(i, "k")))));
      values.addAll(List.of(linear(h, base.get(projection(i, "v")))));
      double[][] q = linear(h, base.get(projection(i, "q")));
      double[][] k = keys.toArray(double[][]::new);
      rotate(k, positions(0, m + n));
      rotate(q, positions(m, n));
      double[][] attention = new double[n][];
      for (int j = 0; j < n; j++) {
        attention[j] =
            attend(q[j], k, values.toArray(double[][]::new), listOf(positions(0, m + j + 1)));
      }
      x = finish(x, attention, i);
    }
    return linear(normed(x, "model.norm.weight"), base.get("lm_head.weight"));
  }

  private static int[] positions(int from, int count) {
    int[] positions = new int[count];
    Arrays.setAll(positions, i -> from + i);
    return positions;
  }

  private static List<Integer> listOf(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static String projection(int layer, String part) {
    return "model.layers." + layer + ".self_attn." + part + "_proj.weight";
  }

  private double[][] adapted(double[] adapter, double[][] x, String part, int layer, String which) {
    double[][] y = linear(x, base.get(projection(layer, which)));
    String lora = "%s.layers.%d.self_attn.%s_proj.lora_".formatted(part, layer, which);
    double[][] low = linear(x, tensor(adapter, lora + "A.weight"));
    double[][] update = linear(low, tensor(adapter, lora + "B.weight"));
    for (int j = 0; j < y.length; j++) {
      for (int c = 0; c < y[j].length; c++) {
        y[j][c] += shape.scale() * update[j][c];
      }
    }
    return y;
  }

  private static double[][] linear(double[][] x, double[] w) {
    double[][] y = new double[x.length][];
    for (int j = 0; j < x.length; j++) {
      int in = x[j].length;
      y[j] = new double[w.length / in];
      for (int o = 0; o < y[j].length; o++) {
        double sum = 0;
        for (int c = 0; c < in; c++) {
          sum += x[j][c] * w[o * in + c];
        }
        y[j][o] = sum;
      }
    }
    return y;
  }

  private double[][] normed(double[][] x, String name) {
    double[] weight = base.get(name);
    double[][] y = new double[x.length][];
    for (int j = 0; j < x.length; j++) {
      double square = Arrays.stream(x[j]).map(v -> v * v).sum() / x[j].length;
      double scale = 1 / Math.sqrt(square + config.rmsNormEps());
      y[j] = new double[x[j].length];
      for (int c = 0; c < y[j].length; c++) {
        y[j][c] = x[j][c] * scale * weight[c];
      }
    }
    return y;
  }

  private void rotate(double[][] x, int[] positions) {
    int d = config.headDim();
    for (int j = 0; j < x.length; j++) {
      for (int head = 0; head < x[j].length / d; head++) {
        for (int c = 0; c < d / 2; c++) {
          double a = x[j][head * d + c];
          double b = x[j][head * d + c + d / 2];
          double cosine = cos[positions[j]][c];
          double sine = sin[positions[j]][c];
          x[j][head * d + c] = a * cosine - b * sine;
          x[j][head * d + c + d / 2] = b * cosine + a * sine;
        }
      }
    }
  }

  private double[] attend(double[] q, double[][] k, double[][] v, List<Integer> seen) {
    int d = config.headDim();
    double[] out = new double[q.length];
    for (int head = 0; head < config.heads(); head++) {
      int shared = head / (config.heads() / config.kvHeads()) * d;
      double[] score = new double[seen.size()];
      for (int s = 0; s < score.length; s++) {
        for (int c = 0; c < d; c++) {
          score[s] += q[head * d + c] * k[seen.get(s)][shared + c];
        }
        score[s] /= Math.sqrt(d);
      }
      double[] log = logSoftmax(score, 1);
      for (int s = 0; s < score.length; s++) {
        double probability = Math.exp(log[s]);
        for (int c = 0; c < d; c++) {
          out[head * d + c] += probability * v[seen.get(s)][shared + c];
        }
      }
    }
    return out;
  }

  private double[][] finish(double[][] x, double[][] attention, int layer) {
    String prefix = "model.layers." + layer + ".";
    double[][] y = plus(x, linear(attention, base.get(projection(layer, "o"))));
    double[][] h = normed(y, prefix + "post_attention_layernorm.weight");
    double[][] gate = linear(h, base.get(prefix + "mlp.gate_proj.weight"));
    double[][] up = linear(h, base.get(prefix + "mlp.up_proj.weight"));
    for (int j = 0; j < gate.length; j++) {
      for (int c = 0; c < gate[j].length; c++) {
        gate[j][c] *= up[j][c] / (1 + Math.exp(-gate[j][c]));
      }
    }
    return plus(y, linear(gate, base.get(prefix + "mlp.down_proj.weight")));
  }

  private static double[][] plus(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][];
    for (int j = 0; j < a.length; j++) {
      sum[j] = a[j].clone();
      for (int c = 0; c < sum[j].length; c++) {
        sum[j][c] += b[j][c];
      }
    }
    return sum;
  }

  /** Logarithms of the probabilities at a temperature. */
  static double[] logSoftmax(double[] logits, double temperature) {
    double most = Arrays.stream(logits).max().orElseThrow() / temperature;
    double total = 0;
    for (double logit : logits) {
      total += Math.exp(logit / temperature - most);
    }
    double log = most + Math.log(total);
    return Arrays.stream(logits).map(logit -> logit / temperature - log).toArray();
  }
}
