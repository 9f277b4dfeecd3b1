package org.uiospark.model.llama;

/** Which projections of attention add a vector. */
public enum AttentionBias {
  /** None of them. */
  NONE,
  /** Those to q, k and v, as in Qwen2. */
  QUERY_KEY_VALUE,
  /** Those and the output projection: {@code attention_bias} of Llama and Qwen3. */
  ALL
}
