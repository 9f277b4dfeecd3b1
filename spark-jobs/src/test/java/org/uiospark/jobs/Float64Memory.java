package org.uiospark.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * The method in plain float64 from three models in HuggingFace layout: that of the encoder and that
 * of the transfer head, each with a LoRA merged in as PEFT does, and the base model, which decodes.
 * Shares nothing with the kernels.
 */
final class Float64Memory {
  private final JsonNode config;
  private final Map<String, double[]> base;
  private final Map<String, double[]> encoder;
  private final Map<String, double[]> transfer;
  private final double[] memEmbedding;
  private final int hidden;
  private final int heads;
  private final int kvHeads;
  private final int headDim;
  private final int layers;

  Float64Memory(Path model, Path peft, double[] memEmbedding) throws IOException {
    this.config = json(model.resolve("config.json"));
    this.base = tensors(model.resolve("model.safetensors"));
    this.encoder = merged(base, peft.resolve("encoder"));
    this.transfer = merged(base, peft.resolve("transfer"));
    this.memEmbedding = memEmbedding;
    this.hidden = config.get("hidden_size").asInt();
    this.heads = config.get("num_attention_heads").asInt();
    this.kvHeads = config.get("num_key_value_heads").asInt();
    this.headDim = hidden / heads;
    this.layers = config.get("num_hidden_layers").asInt();
  }

  /** PEFT's merge: {@code W + lora_alpha / r * B A} for every target of the configuration. */
  private static Map<String, double[]> merged(Map<String, double[]> base, Path folder)
      throws IOException {
    JsonNode config = json(folder.resolve("adapter_config.json"));
    Map<String, double[]> lora = tensors(folder.resolve("adapter_model.safetensors"));
    int rank = config.get("r").asInt();
    double scale = config.get("lora_alpha").asDouble() / rank;
    Set<String> unused = new HashSet<>(lora.keySet());
    Map<String, double[]> merged = new HashMap<>(base);
    for (JsonNode layer : config.get("layers_to_transform")) {
      for (JsonNode target : config.get("target_modules")) {
        String module = "model.layers." + layer.asInt() + ".self_attn." + target.asText();
        String prefix = "base_model.model." + module;
        double[] a = lora.get(prefix + ".lora_A.weight");
        double[] b = lora.get(prefix + ".lora_B.weight");
        unused.remove(prefix + ".lora_A.weight");
        unused.remove(prefix + ".lora_B.weight");
        int columns = a.length / rank;
        double[] weight = base.get(module + ".weight").clone();
        for (int row = 0; row < b.length / rank; row++) {
          for (int k = 0; k < rank; k++) {
            for (int column = 0; column < columns; column++) {
              weight[row * columns + column] += scale * b[row * rank + k] * a[k * columns + column];
            }
          }
        }
        merged.put(module + ".weight", weight);
      }
    }
    if (!unused.isEmpty()) {
      throw new IllegalStateException("PEFT would not load " + unused);
    }
    return merged;
  }

  /** Sum of the cross-entropy of each segment. */
  List<Double> losses(int[] ids, int[] labels, int segmentLength, int memoryTokens) {
    List<Double> sums = new ArrayList<>();
    List<List<double[]>> memories = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      memories.add(new ArrayList<>());
    }
    for (int start = 0; start < ids.length; start += segmentLength) {
      int end = Math.min(start + segmentLength, ids.length);
      int[] segment = Arrays.copyOfRange(ids, start, end);
      List<double[]> logits = decode(segment, memories);
      double sum = 0;
      for (int j = 0; j < segment.length; j++) {
        int label = start + j + 1 < labels.length ? labels[start + j + 1] : -100;
        if (label != -100) {
          double[] row = logits.get(j);
          double max = Arrays.stream(row).max().getAsDouble();
          double total = Arrays.stream(row).map(logit -> Math.exp(logit - max)).sum();
          sum += max + Math.log(total) - row[label];
        }
      }
      sums.add(sum);
      if (end < ids.length) {
        encode(segment, memoryTokens, memories);
      }
    }
    return sums;
  }

  private interface Mask {
    boolean sees(int query, int key);
  }

  private void encode(int[] segment, int memoryTokens, List<List<double[]>> memories) {
    int l = segment.length;
    int cover = l / memoryTokens;
    List<double[]> rows = embed(segment);
    int[] positions = new int[l + memoryTokens];
    for (int j = 0; j < l + memoryTokens; j++) {
      positions[j] = j < l ? j : (j - l + 1) * cover;
      if (j >= l) {
        rows.add(memEmbedding.clone());
      }
    }
    Mask mask = (q, k) -> q < l ? k <= q : k < l ? k < (q - l + 1) * cover : k == q;
    for (int i = 0; i < layers; i++) {
      List<double[]> normed = norm(rows, encoder.get(layer(i) + "input_layernorm.weight"));
      memories.get(i).addAll(normed.subList(l, l + memoryTokens));
      rows = block(encoder, i, rows, normed, List.of(), positions, mask);
    }
  }

  private List<double[]> decode(int[] segment, List<List<double[]>> memories) {
    int before = memories.get(0).size();
    int[] positions = new int[segment.length];
    Arrays.setAll(positions, j -> before + j);
    List<double[]> rows = embed(segment);
    for (int i = 0; i < layers; i++) {
      List<double[]> normed = norm(rows, base.get(layer(i) + "input_layernorm.weight"));
      rows = block(base, i, rows, normed, memories.get(i), positions, (q, k) -> k <= q);
    }
    double[] head =
        config.get("tie_word_embeddings").asBoolean()
            ? base.get("model.embed_tokens.weight")
            : base.get("lm_head.weight");
    return norm(rows, base.get("model.norm.weight")).stream().map(x -> times(head, x)).toList();
  }

  /** A decoder layer; memories come first and every row sees them. */
  private List<double[]> block(
      Map<String, double[]> weights,
      int i,
      List<double[]> rows,
      List<double[]> normed,
      List<double[]> memories,
      int[] positions,
      Mask mask) {
    String attention = layer(i) + "self_attn.";
    List<double[]> keys = new ArrayList<>();
    List<double[]> values = new ArrayList<>();
    for (int s = 0; s < memories.size(); s++) {
      keys.add(rotated(times(transfer.get(attention + "k_proj.weight"), memories.get(s)), s));
      values.add(times(transfer.get(attention + "v_proj.weight"), memories.get(s)));
    }
    for (int j = 0; j < rows.size(); j++) {
      keys.add(
          rotated(times(weights.get(attention + "k_proj.weight"), normed.get(j)), positions[j]));
      values.add(times(weights.get(attention + "v_proj.weight"), normed.get(j)));
    }
    List<double[]> out = new ArrayList<>();
    for (int j = 0; j < rows.size(); j++) {
      double[] query =
          rotated(times(weights.get(attention + "q_proj.weight"), normed.get(j)), positions[j]);
      double[] mixed = new double[heads * headDim];
      for (int head = 0; head < heads; head++) {
        mix(query, keys, values, head, j, memories.size(), mask, mixed);
      }
      double[] row = sum(rows.get(j), times(weights.get(attention + "o_proj.weight"), mixed));
      out.add(sum(row, mlp(weights, layer(i), row)));
    }
    return out;
  }

  private void mix(
      double[] query,
      List<double[]> keys,
      List<double[]> values,
      int head,
      int row,
      int memories,
      Mask mask,
      double[] into) {
    int shared = head / (heads / kvHeads) * headDim;
    double[] weights = new double[keys.size()];
    double total = 0;
    for (int k = 0; k < weights.length; k++) {
      if (k < memories || mask.sees(row, k - memories)) {
        double score = 0;
        for (int d = 0; d < headDim; d++) {
          score += query[head * headDim + d] * keys.get(k)[shared + d];
        }
        weights[k] = Math.exp(score / Math.sqrt(headDim));
        total += weights[k];
      }
    }
    for (int k = 0; k < weights.length; k++) {
      for (int d = 0; d < headDim; d++) {
        into[head * headDim + d] += weights[k] / total * values.get(k)[shared + d];
      }
    }
  }

  private double[] mlp(Map<String, double[]> weights, String layer, double[] row) {
    double[] x = norm(List.of(row), weights.get(layer + "post_attention_layernorm.weight")).get(0);
    double[] gate = times(weights.get(layer + "mlp.gate_proj.weight"), x);
    double[] up = times(weights.get(layer + "mlp.up_proj.weight"), x);
    for (int d = 0; d < gate.length; d++) {
      gate[d] = gate[d] / (1 + Math.exp(-gate[d])) * up[d];
    }
    return times(weights.get(layer + "mlp.down_proj.weight"), gate);
  }

  private double[] rotated(double[] x, int position) {
    double[] turned = new double[x.length];
    int half = headDim / 2;
    for (int at = 0; at < x.length; at += headDim) {
      for (int d = 0; d < half; d++) {
        double theta = config.get("rope_theta").asDouble();
        double angle = position * Math.pow(theta, -2.0 * d / headDim);
        double a = x[at + d];
        double b = x[at + half + d];
        turned[at + d] = a * Math.cos(angle) - b * Math.sin(angle);
        turned[at + half + d] = b * Math.cos(angle) + a * Math.sin(angle);
      }
    }
    return turned;
  }

  private List<double[]> norm(List<double[]> rows, double[] weight) {
    double eps = config.get("rms_norm_eps").asDouble();
    List<double[]> normed = new ArrayList<>();
    for (double[] row : rows) {
      double mean = Arrays.stream(row).map(x -> x * x).sum() / row.length;
      double[] out = new double[row.length];
      Arrays.setAll(out, d -> row[d] / Math.sqrt(mean + eps) * weight[d]);
      normed.add(out);
    }
    return normed;
  }

  private List<double[]> embed(int[] ids) {
    double[] table = base.get("model.embed_tokens.weight");
    List<double[]> rows = new ArrayList<>();
    for (int id : ids) {
      rows.add(Arrays.copyOfRange(table, id * hidden, (id + 1) * hidden));
    }
    return rows;
  }

  private static double[] times(double[] matrix, double[] x) {
    double[] out = new double[matrix.length / x.length];
    for (int row = 0; row < out.length; row++) {
      for (int column = 0; column < x.length; column++) {
        out[row] += matrix[row * x.length + column] * x[column];
      }
    }
    return out;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] out = new double[a.length];
    Arrays.setAll(out, d -> a[d] + b[d]);
    return out;
  }

  private static String layer(int i) {
    return "model.layers." + i + ".";
  }

  private static Map<String, double[]> tensors(Path file) {
    Map<String, double[]> tensors = new HashMap<>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.names()) {
        float[] values = opened.tensor(name).floats();
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        tensors.put(name, wide);
      }
    }
    return tensors;
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }
}
