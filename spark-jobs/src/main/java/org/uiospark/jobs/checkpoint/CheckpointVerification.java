package org.uiospark.jobs.checkpoint;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;

/** Reads checkpoints in full and tells which are whole: whole is what a resume would go on from. */
public final class CheckpointVerification {
  private final OutputFolder output;
  private final PrintWriter out;

  /**
   * @param output what train wrote
   * @param out gets a line for each checkpoint
   */
  public CheckpointVerification(OutputFolder output, PrintWriter out) {
    this.output = output;
    this.out = out;
  }

  /**
   * Verifies some steps.
   *
   * @throws InvalidInputException naming those that are not whole, after all have been read
   */
  public void run(List<Long> steps) {
    CheckpointStore store = new CheckpointStore(output);
    List<String> doubtful = new ArrayList<>();
    for (long step : steps) {
      try {
        store.load(step);
        out.printf(Locale.ROOT, "step-%d is whole%n", step);
      } catch (InvalidInputException e) {
        doubtful.add("step-" + step);
        out.printf(Locale.ROOT, "step-%d is not whole: %s%n", step, e.getMessage());
      }
    }
    out.flush();
    if (!doubtful.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "not whole in %s: %s; a resume passes them over, delete what you do not need",
              output.root(),
              String.join(", ", doubtful)));
    }
  }
}
