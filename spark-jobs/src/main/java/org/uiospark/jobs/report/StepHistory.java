package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The lines of {@code metrics.jsonl}.
 *
 * @param steps a JSON object a step, in the order of the file
 */
record StepHistory(List<JsonNode> steps) {
  private static final Logger LOG = LoggerFactory.getLogger(StepHistory.class);

  /**
   * Reads the file; a line that is torn is passed over.
   *
   * @param origin its name, for messages
   */
  static StepHistory of(String origin, byte[] file) {
    List<JsonNode> steps = new ArrayList<>();
    for (String line : new String(file, StandardCharsets.UTF_8).lines().toList()) {
      try {
        steps.add(InputJson.object(origin, line.getBytes(StandardCharsets.UTF_8)));
      } catch (InvalidInputException e) {
        LOG.warn("A line is passed over: {}", e.getMessage());
      }
    }
    return new StepHistory(steps);
  }

  /** A field by step; only the steps that have it, as a finite number. */
  Line line(String name, String field) {
    List<JsonNode> having =
        steps.stream()
            .filter(step -> step.path("step").isNumber() && step.path(field).isNumber())
            .filter(step -> Double.isFinite(step.get(field).asDouble()))
            .toList();
    return new Line(
        name,
        having.stream().mapToDouble(step -> step.get("step").asDouble()).toArray(),
        having.stream().mapToDouble(step -> step.get(field).asDouble()).toArray());
  }

  /** Sum of a field over all steps. */
  double sum(String field) {
    return steps.stream().mapToDouble(step -> step.path(field).asDouble()).sum();
  }
}
