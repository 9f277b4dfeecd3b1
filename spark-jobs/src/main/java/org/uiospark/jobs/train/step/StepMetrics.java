package org.uiospark.jobs.train.step;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of {@code metrics.jsonl}; the fields of batch and times stand in it like its own.
 *
 * @param step steps taken, this one included
 * @param epoch passes over the data set before this batch, from 0
 * @param batch what was read and its loss, before the update
 * @param seconds the whole step
 * @param tokensPerSecond tokens over seconds
 * @param gradNorm global norm of the gradient before clipping
 * @param lr learning rate
 * @param times where the seconds went
 * @param heldOutLoss mean loss of a held-out label, in nats, after the update; null, and left out,
 *     where it was not measured
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StepMetrics(
    long step,
    long epoch,
    @JsonUnwrapped BatchLoss batch,
    double seconds,
    double tokensPerSecond,
    double gradNorm,
    double lr,
    @JsonUnwrapped StepTimes times,
    @JsonInclude(JsonInclude.Include.NON_NULL) Double heldOutLoss) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** All but the step, by their names in {@code metrics.jsonl}; {@code losses/lm} and so on. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    JSON.<JsonNode>valueToTree(this)
        .properties()
        .forEach(field -> values.put(field.getKey(), field.getValue().asDouble()));
    values.remove("step");
    values.remove("losses");
    batch.losses().forEach((objective, mean) -> values.put("losses/" + objective, mean));
    return values;
  }

  /** The same step with the held-out loss after it, in nats. */
  public StepMetrics withHeldOutLoss(double measured) {
    return new StepMetrics(
        step, epoch, batch, seconds, tokensPerSecond, gradNorm, lr, times, measured);
  }
}
