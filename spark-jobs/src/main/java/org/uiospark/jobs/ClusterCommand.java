package org.uiospark.jobs;

import java.nio.file.Path;
import org.uiospark.jobs.cluster.ClusterSettings;
import org.uiospark.jobs.cluster.LocalCluster;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.input.InvalidInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A standalone cluster of the embedded Spark on this machine. */
@Command(name = "cluster", description = "Starts and stops a standalone cluster on this machine.")
final class ClusterCommand extends ConfiguredCommand {
  enum Action {
    start,
    stop,
    status
  }

  @Parameters(paramLabel = "start|stop|status", description = "what to do with the cluster")
  Action action;

  @Override
  protected void run(Settings settings) {
    LocalCluster cluster = new LocalCluster(ClusterSettings.of(settings), project(), sparkHome());
    switch (action) {
      case start -> out().println(cluster.start());
      case stop -> cluster.stop();
      case status -> out().print(cluster.status());
      default -> throw new IllegalStateException("no such action: " + action);
    }
    out().flush();
  }

  /** The folder of submit.sh. */
  private static Path project() {
    return Path.of(System.getProperty("uio.home", ""));
  }

  private static Path sparkHome() {
    String home = System.getenv("SPARK_HOME");
    if (home == null) {
      throw new InvalidInputException("SPARK_HOME is not set; run ./submit.sh cluster");
    }
    return Path.of(home);
  }
}
