package org.uiospark.jobs.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How a training run went, step by step. */
final class TrainingSection {
  /** The loss is smoothed over this share of all steps, for batches differ. */
  private static final int SMOOTHED_SHARE = 20;

  private static final String NATS = "nats a token";

  private final StepHistory history;

  private TrainingSection(StepHistory history) {
    this.history = history;
  }

  /** The section as HTML; empty if no step was taken. */
  static String html(StepHistory history) {
    TrainingSection section = new TrainingSection(history);
    Line loss = history.line("training", "loss");
    if (loss.x().length == 0) {
      return "";
    }
    List<String> figures = new ArrayList<>();
    figures.add(Picture.html("Loss", section.loss(loss)));
    section.figure(figures, "Learning rate", "lr", "learning rate");
    section.figure(figures, "Gradient norm, before clipping", "grad_norm", "norm");
    section.figure(figures, "Speed", "tokens_per_second", "tokens/s");
    return Html.section(
        "Training", Html.facts(section.facts(loss)) + Html.figures(figures) + thinned(loss));
  }

  private StepChart loss(Line loss) {
    int count = loss.x().length / SMOOTHED_SHARE;
    List<Line> lines = new ArrayList<>();
    if (count > 1) {
      lines.add(
          loss.smoothed(String.format(Locale.ROOT, "training, mean of %,d steps", count), count));
    } else {
      lines.add(loss);
    }
    Line heldOut = heldOut();
    if (heldOut.x().length > 0) {
      lines.add(heldOut);
    }
    return new StepChart(NATS, lines, count > 1 ? List.of(loss) : List.of());
  }

  private Line heldOut() {
    return history.line("held-out", "held_out_loss");
  }

  private void figure(List<String> figures, String caption, String field, String unit) {
    Line line = history.line(caption, field);
    if (line.x().length > 0) {
      figures.add(Picture.html(caption, StepChart.of(unit, line)));
    }
  }

  private Map<String, String> facts(Line loss) {
    Map<String, String> facts = new LinkedHashMap<>();
    int last = loss.x().length - 1;
    facts.put("last step", Figure.text(loss.x()[last]));
    facts.put("tokens read", Figure.text(history.sum("tokens")));
    facts.put("seconds in steps", Figure.text(history.sum("seconds")));
    int count = Math.max(1, loss.x().length / SMOOTHED_SHARE);
    double[] means = loss.smoothed("", count).y();
    facts.put(
        count == 1
            ? "loss of the first and last step"
            : String.format(Locale.ROOT, "loss, mean of the first and last %,d steps", count),
        String.format(
            Locale.ROOT,
            "%s, %s %s",
            Figure.text(means[count - 1]),
            Figure.text(means[last]),
            NATS));
    Line heldOut = heldOut();
    if (heldOut.x().length > 0) {
      facts.put(
          "lowest held-out loss", Figure.text(Arrays.stream(heldOut.y()).min().orElseThrow()));
    }
    return facts;
  }

  private static String thinned(Line loss) {
    return loss.x().length <= Line.POINTS
        ? ""
        : Html.quiet("Each point of a line is the mean of neighbouring steps.");
  }
}
