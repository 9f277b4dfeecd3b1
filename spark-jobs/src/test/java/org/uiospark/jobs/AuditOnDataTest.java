package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InputJson;

@Tag("cluster")
class AuditOnDataTest extends CommandInput {

  private CommandRun auditData(Path of, Object repeats, Object... more) throws Exception {
    Object[] options = new Object[more.length + 13];
    Object[] first = {
      "audit",
      "--model",
      model,
      "--adapter",
      of,
      "--data",
      data(),
      "--repeats",
      repeats,
      "--sequences",
      2,
      "--windows",
      "1,4"
    };
    System.arraycopy(first, 0, options, 0, first.length);
    System.arraycopy(more, 0, options, first.length, more.length);
    return CommandRun.of(options);
  }

  @Test
  void theFactorTakesTheBiasAway() throws Exception {
    Path some = folder.resolve("some");
    saveAdapter(TINY, some, 4, 0.01f);

    CommandRun run = auditData(some, 2000, "--output", output);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("bias along exact % [95%]", "2 sequences, 2000 draws each");
    JsonNode audit = InputJson.object(output.resolve("audit.json"));
    // The products of pairs and the estimators themselves give the same norms.
    assertThat(audit.get("largest_deviation").asDouble()).isLessThan(1e-3);
    for (int window : new int[] {1, 4}) {
      JsonNode unbiased = row(audit, "unbiased", window);
      JsonNode plain = row(audit, "without factor", window);
      JsonNode sampled = row(audit, "sampled", window);
      JsonNode truncated = row(audit, "tbptt", window);
      assertThat(unbiased.get("relative_bias").asDouble()).isCloseTo(0, within(0.05));
      assertThat(sampled.get("relative_bias").asDouble()).isCloseTo(0, within(0.05));
      assertThat(plain.get("mean_gradient_ratio").asDouble()).isLessThan(0.8);
      assertThat(plain.get("relative_bias").asDouble()).isLessThan(-0.2);
      double cost = unbiased.get("gflops").asDouble();
      assertThat(sampled.get("gflops").asDouble()).isCloseTo(cost, withinPercentage(1));
      assertThat(truncated.get("variance").asDouble()).isCloseTo(0, within(1e-9));
      // One graph a segment that is back-propagated, and all of them in exact.
      assertThat(unbiased.get("memory_bytes").asDouble())
          .isLessThan(audit.get("exact_memory_bytes").asDouble());
      assertThat(sampled.get("memory_bytes").asDouble())
          .isLessThan(unbiased.get("memory_bytes").asDouble() * 1.1);
    }
  }

  private static JsonNode row(JsonNode audit, String estimator, int window) {
    for (JsonNode row : audit.get("rows")) {
      if (row.get("estimator").asText().equals(estimator) && row.get("window").asInt() == window) {
        return row;
      }
    }
    throw new AssertionError(estimator + " " + window);
  }

  @Test
  void withoutRepeatsThereAreEnough() throws Exception {
    Path some = folder.resolve("some");
    saveAdapter(TINY, some, 4, 0.01f);

    CommandRun run =
        CommandRun.of(
            "audit",
            "--model",
            model,
            "--adapter",
            some,
            "--data",
            data(),
            "--sequences",
            1,
            "--windows",
            1);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("1 sequences, 1000 draws each");
  }

  @Test
  void whatCannotBeComparedIsRefused() throws Exception {
    assertRefused(auditData(adapter, 0), "audit.repeats = 0 is out of range");
    assertRefused(auditData(adapter, 1), "it must be 2 or more");
    assertRefused(
        auditData(adapter, 2, "--tokens", MHA.resolve("tokens.json")), "--tokens or --data");
  }
}
