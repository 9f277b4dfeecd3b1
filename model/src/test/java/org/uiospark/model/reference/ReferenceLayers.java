package org.uiospark.model.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Weights of a base model, and the parts of its layers as plain loops in float64. */
final class ReferenceLayers {
  private final Map<String, double[]> weights;
  private final int hidden;
  private final int inner;
  private final int count;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final int vocabulary;
  private final double epsilon;
  private final boolean tied;
  private final JsonNode config;
  private final double loraScale;

  /**
   * @param folder {@code config.json} and {@code model.safetensors}
   * @param loraScale alpha / rank
   */
  ReferenceLayers(Path folder, double loraScale) {
    this.config = json(folder.resolve("config.json"));
    this.weights = ReferenceModel.doubles(GoldenCase.tensors(folder.resolve("model.safetensors")));
    this.hidden = config.get("hidden_size").asInt();
    this.inner = config.get("intermediate_size").asInt();
    this.count = config.get("num_hidden_layers").asInt();
    this.heads = config.get("num_attention_heads").asInt();
    this.kvHeads = config.path("num_key_value_heads").asInt(heads);
    this.headDim = config.path("head_dim").asInt(hidden / heads);
    this.vocabulary = config.get("vocab_size").asInt();
    this.epsilon = config.get("rms_norm_eps").asDouble();
    this.tied = config.path("tie_word_embeddings").asBoolean();
    this.loraScale = loraScale;
  }

  int count() {
    return count;
  }

  /** Its rotary position embedding with so many positions in use. */
  ReferenceRope rope(int reach) {
    return ReferenceRope.of(config, headDim, reach);
  }

  /** What enters the attention of a layer. */
  double[][] inputNorm(double[][] x, int layer) {
    return norm(x, String.format(Locale.ROOT, "model.layers.%d.input_layernorm.weight", layer));
  }

  /** Final norm and LM head. */
  double[][] head(double[][] x) {
    double[] head = weights.get(tied ? "model.embed_tokens.weight" : "lm_head.weight");
    return times(norm(x, "model.norm.weight"), head, vocabulary);
  }

  /** Row of the embedding. */
  double[] embedding(int token) {
    double[] table = weights.get("model.embed_tokens.weight");
    return Arrays.copyOfRange(table, token * hidden, (token + 1) * hidden);
  }

  /**
   * q, k or v: weight, bias where the model has one, LoRA where a part of the adapter is named, and
   * the norm of each head where the model has one.
   */
  double[][] projected(
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
  double[][] turn(double[][] x, double[] positions, ReferenceRope rope) {
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
  double[] attend(double[] q, double[][] k, double[][] v, List<Integer> seen) {
    double[] out = new double[heads * headDim];
    for (int head = 0; head < heads; head++) {
      int from = head / (heads / kvHeads) * headDim;
      double[] scores = new double[seen.size()];
      for (int n = 0; n < scores.length; n++) {
        for (int j = 0; j < headDim; j++) {
          scores[n] += q[head * headDim + j] * k[seen.get(n)][from + j] / Math.sqrt(headDim);
        }
      }
      double[] logs = ReferenceModel.logSoftmax(scores, 1);
      for (int n = 0; n < scores.length; n++) {
        for (int j = 0; j < headDim; j++) {
          out[head * headDim + j] += Math.exp(logs[n]) * v[seen.get(n)][from + j];
        }
      }
    }
    return out;
  }

  /** Output projection and MLP, each added to x in place. */
  void finish(double[][] x, double[][] attention, int layer) {
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

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
