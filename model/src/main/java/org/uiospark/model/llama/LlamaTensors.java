package org.uiospark.model.llama;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors that a Llama checkpoint must hold, under HuggingFace's names. */
final class LlamaTensors {
  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String LM_HEAD = "lm_head.weight";

  private LlamaTensors() {}

  /**
   * Name and shape of every needed tensor. {@code lm_head.weight} is not among them where the
   * embedding is the head.
   */
  static Map<String, long[]> of(LlamaConfig config) {
    long hidden = config.hiddenSize();
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING, new long[] {config.vocabSize(), hidden});
    for (int i = 0; i < config.layers(); i++) {
      String layer = "model.layers." + i + ".";
      shapes.put(layer + "input_layernorm.weight", new long[] {hidden});
      shapes.put(layer + "self_attn.q_proj.weight", new long[] {config.queryWidth(), hidden});
      shapes.put(layer + "self_attn.k_proj.weight", new long[] {config.keyValueWidth(), hidden});
      shapes.put(layer + "self_attn.v_proj.weight", new long[] {config.keyValueWidth(), hidden});
      if (config.attention().bias() != AttentionBias.NONE) {
        shapes.put(layer + "self_attn.q_proj.bias", new long[] {config.queryWidth()});
        shapes.put(layer + "self_attn.k_proj.bias", new long[] {config.keyValueWidth()});
        shapes.put(layer + "self_attn.v_proj.bias", new long[] {config.keyValueWidth()});
      }
      if (config.attention().queryKeyNorm()) {
        shapes.put(layer + "self_attn.q_norm.weight", new long[] {config.attention().headDim()});
        shapes.put(layer + "self_attn.k_norm.weight", new long[] {config.attention().headDim()});
      }
      shapes.put(layer + "self_attn.o_proj.weight", new long[] {hidden, config.queryWidth()});
      if (config.attention().bias() == AttentionBias.ALL) {
        shapes.put(layer + "self_attn.o_proj.bias", new long[] {hidden});
      }
      shapes.put(layer + "post_attention_layernorm.weight", new long[] {hidden});
      shapes.put(layer + "mlp.gate_proj.weight", new long[] {config.intermediateSize(), hidden});
      shapes.put(layer + "mlp.up_proj.weight", new long[] {config.intermediateSize(), hidden});
      shapes.put(layer + "mlp.down_proj.weight", new long[] {hidden, config.intermediateSize()});
    }
    shapes.put("model.norm.weight", new long[] {hidden});
    if (!config.vocabulary().tied()) {
      shapes.put(LM_HEAD, new long[] {config.vocabSize(), hidden});
    }
    return shapes;
  }

  /**
   * Whether a checkpoint may hold the tensor though nothing reads it: rotary tables that old
   * versions saved, and the copy of the head that some save beside a tied embedding.
   */
  static boolean isIgnored(String name, LlamaConfig config) {
    return name.endsWith("rotary_emb.inv_freq")
        || (name.equals(LM_HEAD) && config.vocabulary().tied());
  }
}
