package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.model.InvalidInputException;

/**
 * Reads the rotary position embedding of a {@code config.json}: the base in {@code rope_theta} and
 * the scaling in {@code rope_scaling}, or both in {@code rope_parameters}, as newer files have it.
 *
 * @param root the configuration
 */
record RopeReader(JsonNode root) {
  static final String OLD = "rope_scaling";
  static final String NEW = "rope_parameters";
  private static final String SUPPORTED = "default, linear, llama3";

  double theta() {
    Optional<Double> old = LlamaConfigReader.number(root, "rope_theta");
    Optional<Double> latest = LlamaConfigReader.number(root.path(NEW), "rope_theta");
    if (old.isPresent() && latest.isPresent() && !old.equals(latest)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "rope_theta %s and %s.rope_theta %s differ; keep one",
              old.get(),
              NEW,
              latest.get()));
    }
    return old.or(() -> latest).orElse(10000d);
  }

  RopeScaling scaling() {
    Optional<RopeScaling> old = scaling(OLD);
    Optional<RopeScaling> latest = scaling(NEW);
    if (old.isPresent() && latest.isPresent() && !old.equals(latest)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s %s and %s %s differ; keep one",
              OLD,
              root.get(OLD),
              NEW,
              root.get(NEW)));
    }
    return old.or(() -> latest).orElse(RopeScaling.NONE);
  }

  private Optional<RopeScaling> scaling(String key) {
    if (!root.hasNonNull(key)) {
      return Optional.empty();
    }
    JsonNode node = root.get(key);
    if (!node.isObject()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s must be an object, not %s", key, node));
    }
    return Optional.of(
        switch (type(key, node)) {
          case "default" -> RopeScaling.NONE;
          case "linear" -> new RopeScaling.Linear(required(key, node, "factor"));
          case "llama3" ->
              new RopeScaling.Llama3(
                  required(key, node, "factor"),
                  required(key, node, "low_freq_factor"),
                  required(key, node, "high_freq_factor"),
                  originalWindow(key, node));
          // Another function of the same tensors: computing on would give plausible, wrong numbers.
          default ->
              throw new InvalidInputException(
                  String.format(
                      Locale.ROOT,
                      "%s of type %s is not supported; supported: %s",
                      key,
                      type(key, node),
                      SUPPORTED));
        });
  }

  /** The first of the two names is the later one. */
  private static String type(String key, JsonNode node) {
    if (node.hasNonNull("rope_type")) {
      return node.get("rope_type").asText();
    }
    if (node.hasNonNull("type")) {
      return node.get("type").asText();
    }
    if (key.equals(NEW)) {
      return "default";
    }
    throw new InvalidInputException(
        String.format(Locale.ROOT, "%s %s has no rope_type", key, node));
  }

  private static int originalWindow(String key, JsonNode node) {
    double value = required(key, node, "original_max_position_embeddings");
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s.original_max_position_embeddings must be an integer, not %s",
              key,
              value));
    }
    return (int) value;
  }

  private static double required(String key, JsonNode node, String name) {
    return LlamaConfigReader.number(node, name)
        .orElseThrow(
            () -> new InvalidInputException(String.format(Locale.ROOT, "%s has no %s", key, name)));
  }
}
