package org.uiospark.jobs.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The loss of a training run in a few lines: batches differ, so each line is a mean.
 *
 * @param losses loss of each step, nats a token
 */
record LossCurve(List<Double> losses) {
  private static final int LINES = 6;

  static LossCurve of(Path metrics) {
    ObjectMapper json = new ObjectMapper();
    List<Double> losses = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(metrics)) {
        JsonNode step = json.readTree(line);
        losses.add(step.get("loss").asDouble());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new LossCurve(losses);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < LINES; line++) {
      int from = line * losses.size() / LINES;
      int to = (line + 1) * losses.size() / LINES;
      if (from < to) {
        double mean =
            losses.subList(from, to).stream().mapToDouble(Double::doubleValue).sum() / (to - from);
        text.append(
            String.format(
                Locale.ROOT, "steps %3d to %3d: loss %.3f nats a token%n", from + 1, to, mean));
      }
    }
    return text.toString();
  }
}
