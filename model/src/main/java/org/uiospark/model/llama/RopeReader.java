package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.uiospark.model.input.InvalidInputException;

/**
 * Reads the rotary position embedding of a {@code config.json} as {@code transformers} does: the
 * base in {@code rope_theta} and the scaling in {@code rope_scaling}, or both in {@code
 * rope_parameters}, as newer files have it, or both in {@code rope_scaling}.
 *
 * @param root the configuration
 * @param window its {@code max_position_embeddings}
 */
record RopeReader(JsonNode root, int window) {
  static final String OLD = "rope_scaling";
  static final String NEW = "rope_parameters";
  private static final String SUPPORTED = "default, linear, dynamic, yarn, llama3";
  private static final String THETA = "rope_theta";
  private static final String ORIGINAL = "original_max_position_embeddings";

  /** Keys that say nothing about a scaling. */
  private static final Set<String> UNSCALED = Set.of(THETA, "partial_rotary_factor");

  double theta() {
    String found = "";
    OptionalDouble theta = OptionalDouble.empty();
    for (String parent : new String[] {"", NEW, OLD}) {
      JsonNode node = parent.isEmpty() ? root : root.path(parent);
      OptionalDouble here = optional(node, THETA);
      String name = parent.isEmpty() ? THETA : parent + "." + THETA;
      if (here.isPresent() && theta.isPresent() && !here.equals(theta)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s %s and %s %s differ; keep one",
                found,
                theta.getAsDouble(),
                name,
                here.getAsDouble()));
      }
      if (here.isPresent()) {
        theta = here;
        found = name;
      }
    }
    return theta.orElse(10000);
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
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getValue().isObject()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s.%s: a RoPE of its own for some layers is not supported; supported: one for all",
                key,
                entry.getKey()));
      }
    }
    return Optional.of(
        switch (type(key, node)) {
          case "default" -> RopeScaling.NONE;
          case "linear" -> new RopeScaling.Linear(required(key, node, "factor"));
          case "dynamic" -> new RopeScaling.Dynamic(required(key, node, "factor"), window);
          case "yarn" -> yarn(key, node);
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

  private RopeScaling yarn(String key, JsonNode node) {
    if (theta() <= 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s %s must be above 1 for %s of type yarn", THETA, theta(), key));
    }
    int original = originalWindow(key, node);
    // null stands for the ratio of the windows, in files of DeepSeek.
    double factor =
        node.has("factor") && node.get("factor").isNull()
            ? (double) window / original
            : required(key, node, "factor");
    return new RopeScaling.Yarn(
        factor,
        unlessZero(node, "beta_fast", 32),
        unlessZero(node, "beta_slow", 1),
        original,
        optional(node, "attention_factor").orElse(magnitude(node, factor)),
        truncate(key, node));
  }

  private static double magnitude(JsonNode node, double factor) {
    double own = unlessZero(node, "mscale", 0);
    double all = unlessZero(node, "mscale_all_dim", 0);
    return own != 0 && all != 0
        ? magnitude(factor, own) / magnitude(factor, all)
        : magnitude(factor, 1);
  }

  private static double magnitude(double factor, double share) {
    return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
  }

  private static boolean truncate(String key, JsonNode node) {
    JsonNode value = node.path("truncate");
    if (node.has("truncate") && !value.isBoolean()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s.truncate must be true or false, not %s", key, value));
    }
    return !node.has("truncate") || value.booleanValue();
  }

  /** The first of the two names is the later one. */
  private static String type(String key, JsonNode node) {
    if (node.hasNonNull("rope_type")) {
      return node.get("rope_type").asText();
    }
    if (node.hasNonNull("type")) {
      return node.get("type").asText();
    }
    boolean unscaled =
        node.properties().stream().allMatch(entry -> UNSCALED.contains(entry.getKey()));
    if (key.equals(NEW) || (unscaled && !node.isEmpty())) {
      return "default";
    }
    throw new InvalidInputException(
        String.format(Locale.ROOT, "%s %s has no rope_type", key, node));
  }

  /** The key beside the scaling goes before the one in it, and the whole window stands for both. */
  private int originalWindow(String key, JsonNode node) {
    String name = root.hasNonNull(ORIGINAL) ? ORIGINAL : key + "." + ORIGINAL;
    double value = optional(root, ORIGINAL).orElse(optional(node, ORIGINAL).orElse(window));
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s must be an integer, not %s", name, value));
    }
    return (int) value;
  }

  private static double unlessZero(JsonNode node, String name, double absent) {
    double value = optional(node, name).orElse(absent);
    return value == 0 ? absent : value;
  }

  private static double required(String key, JsonNode node, String name) {
    return optional(node, name)
        .orElseThrow(
            () -> new InvalidInputException(String.format(Locale.ROOT, "%s has no %s", key, name)));
  }

  private static OptionalDouble optional(JsonNode node, String name) {
    return LlamaConfigReader.number(node, name)
        .map(OptionalDouble::of)
        .orElse(OptionalDouble.empty());
  }
}
