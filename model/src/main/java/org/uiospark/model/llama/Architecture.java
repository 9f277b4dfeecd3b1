package org.uiospark.model.llama;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The decoders that the kernels compute, as {@code architectures} of config.json names them. */
enum Architecture {
  LLAMA("LlamaForCausalLM", "llama", 2048),
  MISTRAL("MistralForCausalLM", "mistral", 131072),
  QWEN2("Qwen2ForCausalLM", "qwen2", 32768);

  private final String className;
  private final String modelType;
  private final int defaultWindow;

  Architecture(String className, String modelType, int defaultWindow) {
    this.className = className;
    this.modelType = modelType;
    this.defaultWindow = defaultWindow;
  }

  static Optional<Architecture> named(String className) {
    return Arrays.stream(values()).filter(each -> each.className.equals(className)).findFirst();
  }

  /** All names, for messages. */
  static String supported() {
    return Arrays.stream(values()).map(Architecture::className).collect(Collectors.joining(", "));
  }

  /** An architecture with what a configuration has. */
  static Architecture of(LlamaConfig config) {
    if (config.queryKeyValueBias()) {
      return QWEN2;
    }
    return config.slidingWindow() > 0 ? MISTRAL : LLAMA;
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
}
