package org.uiospark.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.data.storage.FolderKind;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.CheckpointStatus;
import org.uiospark.jobs.checkpoint.CheckpointStore;
import org.uiospark.jobs.checkpoint.CheckpointTable;
import org.uiospark.jobs.checkpoint.CheckpointVerification;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What a training run has left behind. */
@Command(
    name = "checkpoints",
    description = {
      "Looks at the checkpoints of a run.",
      "list: a line each, from manifests and file sizes. verify: reads every file; status 2 if one is"
          + " not whole. unlock: removes the lock of a run that ended on another machine,"
          + " without waiting for its lease."
    })
final class CheckpointsCommand extends ConfiguredCommand {
  enum Action {
    list,
    verify,
    unlock
  }

  @Parameters(paramLabel = "list|verify|unlock", description = "what to do")
  Action action;

  @Override
  protected void run(Settings settings) {
    OutputFolder folder = OutputFolder.of(settings.text("checkpoints.output"), hadoop());
    switch (action) {
      case list -> out().print(new CheckpointTable(existing(folder)).text());
      case verify -> verify(folder, settings.integer("checkpoints.step"));
      case unlock -> out().println(unlock(folder));
      default -> throw new IllegalStateException("no such action: " + action);
    }
    out().flush();
  }

  private static String unlock(OutputFolder folder) {
    Optional<String> holder = OutputLock.unlock(folder);
    if (holder.isEmpty() && !isRun(folder)) {
      throw new InvalidInputException(
          folder.root() + " is no output of a training run; name the output of train");
    }
    return holder.map(it -> "removed the lock of " + it).orElse("no lock");
  }

  private static boolean isRun(OutputFolder folder) {
    try {
      return FolderKind.of(folder::has).filter(FolderKind.RUN::equals).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder.root(), e);
    }
  }

  private void verify(OutputFolder folder, int only) {
    List<Long> steps = existing(folder).stream().map(CheckpointStatus::step).toList();
    if (only != 0 && !steps.contains((long) only)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no checkpoint step-%d; there are the steps %s",
              folder.root(),
              only,
              steps));
    }
    new CheckpointVerification(folder, out()).run(only == 0 ? steps : List.of((long) only));
  }

  private static List<CheckpointStatus> existing(OutputFolder folder) {
    List<CheckpointStatus> found =
        new CheckpointStore(folder)
            .statuses().stream()
                .filter(status -> status.state() != CheckpointStatus.State.DELETED)
                .toList();
    if (found.isEmpty()) {
      throw new InvalidInputException(
          folder.root() + " has no checkpoints; name the output of train");
    }
    return found;
  }
}
