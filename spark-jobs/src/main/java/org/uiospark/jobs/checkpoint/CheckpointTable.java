package org.uiospark.jobs.checkpoint;

import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.jobs.checkpoint.CheckpointStatus.State;

/**
 * The checkpoints of a run for people, newest first.
 *
 * @param rows what is there
 */
public record CheckpointTable(List<CheckpointStatus> rows) {
  /** Lowest held-out loss first, of equals the older. */
  static final Comparator<CheckpointStatus> BEST =
      Comparator.<CheckpointStatus>comparingDouble(row -> row.losses().heldOut())
          .thenComparingLong(CheckpointStatus::step);

  /** A line a checkpoint; {@code best} marks the lowest held-out loss. */
  public String text() {
    Optional<CheckpointStatus> best =
        rows.stream()
            .filter(row -> row.is(State.WHOLE) && row.losses().heldOut() != null)
            .min(BEST);
    StringBuilder text = new StringBuilder(line("step", "written", "MB", "loss", "held-out", ""));
    for (CheckpointStatus row : rows) {
      String state = row.state().name().toLowerCase(Locale.ROOT);
      text.append(
          line(
              Long.toString(row.step()),
              row.written() == null ? "" : row.written().truncatedTo(ChronoUnit.SECONDS).toString(),
              String.format(Locale.ROOT, "%.1f", row.bytes() / 1e6),
              loss(row.losses().train()),
              loss(row.losses().heldOut()),
              best.filter(row::equals).isPresent() ? state + ", best" : state));
    }
    return text.toString();
  }

  private static String line(
      String step, String written, String size, String loss, String heldOut, String state) {
    return String.format(
            Locale.ROOT, "%9s  %20s %10s %9s %9s  %s", step, written, size, loss, heldOut, state)
        .stripTrailing()
        .concat("\n");
  }

  private static String loss(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
  }
}
