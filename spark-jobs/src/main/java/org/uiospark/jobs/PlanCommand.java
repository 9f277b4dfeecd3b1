package org.uiospark.jobs;

import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.plan.Plan;
import org.uiospark.jobs.plan.PlanSettings;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Memory, time and network of a training run, from the shape of the model alone. */
@Command(
    name = "plan",
    description = "Estimates memory, time and network of a training run; starts nothing.")
final class PlanCommand extends ConfiguredCommand {
  @Override
  protected void run(Settings settings) {
    out().print(Plan.of(PlanSettings.of(settings)).text());
    out().flush();
  }
}
