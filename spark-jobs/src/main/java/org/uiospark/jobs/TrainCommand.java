package org.uiospark.jobs;

import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.StopSignal;
import org.uiospark.jobs.train.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A base model and a data set to an adapter. */
@Command(name = "train", description = "Trains an adapter; writes metrics and checkpoints.")
final class TrainCommand extends SparkCommand {
  @Option(
      names = "--resume",
      order = 1,
      description = "go on from the newest whole checkpoint in the output")
  boolean resume;

  @Override
  protected void run(Settings settings) {
    TrainSettings train = TrainSettings.of(settings, resume);
    StopSignal stop = StopSignal.ofProcess();
    OutputFolder result =
        inSpark(
            train.gradient().arithmetic().threads(),
            spark -> new Trainer(spark, train, stop).run());
    out().println(result.root());
  }
}
