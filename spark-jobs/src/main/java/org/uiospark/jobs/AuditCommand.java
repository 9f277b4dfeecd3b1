package org.uiospark.jobs;

import org.uiospark.jobs.audit.Audit;
import org.uiospark.jobs.audit.DataAudit;
import org.uiospark.jobs.audit.DataAuditSettings;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Losses and the gradient of one sequence, or the estimators compared over a data set. */
@Command(
    name = "audit",
    description =
        "Losses and gradient of one sequence, or estimators against exact over a data set.")
final class AuditCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    if (!settings.text("audit.data").isEmpty()) {
      DataAuditSettings audit = DataAuditSettings.of(settings);
      out().print(inSpark(session -> new DataAudit(session, audit).run()).text());
      out().flush();
      return;
    }
    out().println(Audit.run(settings, hadoop()));
  }
}
