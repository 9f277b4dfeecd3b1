package org.uiospark.model.llama;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The decoders that the kernels compute, as {@code architectures} of config.json names them, with
 * what {@code transformers} takes for a key that a file does not have.
 */
enum Architecture {
  LLAMA("LlamaForCausalLM", "llama", 2048, OptionalInt.empty(), OptionalInt.empty()),
  MISTRAL("MistralForCausalLM", "mistral", 131072, OptionalInt.of(8), OptionalInt.empty()),
  QWEN2("Qwen2ForCausalLM", "qwen2", 32768, OptionalInt.of(32), OptionalInt.empty()),
  QWEN3("Qwen3ForCausalLM", "qwen3", 32768, OptionalInt.of(32), OptionalInt.of(128));

  private final String className;
  private final String modelType;
  private final int defaultWindow;
  private final OptionalInt defaultKvHeads;
  private final OptionalInt defaultHeadDim;

  Architecture(
      String className,
      String modelType,
      int defaultWindow,
      OptionalInt defaultKvHeads,
      OptionalInt defaultHeadDim) {
    this.className = className;
    this.modelType = modelType;
    this.defaultWindow = defaultWindow;
    this.defaultKvHeads = defaultKvHeads;
    this.defaultHeadDim = defaultHeadDim;
  }

  static Optional<Architecture> named(String className) {
    return Arrays.stream(values()).filter(each -> each.className.equals(className)).findFirst();
  }

  /** By {@code model_type}, which stands for itself where a file has no {@code architectures}. */
  static Optional<Architecture> typed(String modelType) {
    return Arrays.stream(values()).filter(each -> each.modelType.equals(modelType)).findFirst();
  }

  /** All names, for messages. */
  static String supported() {
    return Arrays.stream(values()).map(Architecture::className).collect(Collectors.joining(", "));
  }

  /** An architecture with what a configuration has. */
  static Architecture of(LlamaConfig config) {
    if (config.attention().queryKeyNorm()) {
      return QWEN3;
    }
    if (config.attention().bias() == AttentionBias.QUERY_KEY_VALUE) {
      return QWEN2;
    }
    return config.attention().slidingWindow() > 0 ? MISTRAL : LLAMA;
  }

  String className() {
    return className;
  }

  String modelType() {
    return modelType;
  }

  /** {@code max_position_embeddings} where a file does not say. */
  int defaultWindow() {
    return defaultWindow;
  }

  /** {@code num_key_value_heads} where a file does not have the key; empty for all heads. */
  OptionalInt defaultKvHeads() {
    return defaultKvHeads;
  }

  /** {@code head_dim} where a file does not have the key; empty for hidden size over heads. */
  OptionalInt defaultHeadDim() {
    return defaultHeadDim;
  }

  /** Whether {@code attention_bias} of a file means something. */
  boolean readsAttentionBias() {
    return this == LLAMA || this == QWEN3;
  }
}
