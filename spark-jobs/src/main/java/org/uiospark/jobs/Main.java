package org.uiospark.jobs;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.uiospark.jobs.failure.Failures;
import org.uiospark.jobs.options.SettingOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program that {@code submit.sh} hands to spark-submit: one command a run. */
@Command(
    name = "uio",
    synopsisSubcommandLabel = "COMMAND [options]",
    description = "Trains memory adapters for frozen Llama models, on Spark.",
    footer = {
      "",
      "COMMAND --help lists the options of a command; --master URL says where it runs.",
      "Exit status: 0 done, 2 something you can mend, 1 anything else."
    },
    subcommands = {
      QuickstartCommand.class,
      PrepCommand.class,
      RecallCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      MemorizeCommand.class,
      GenerateCommand.class,
      AnswerCommand.class,
      ServeCommand.class,
      ExportCommand.class,
      AuditCommand.class,
      BenchCommand.class,
      BenchPrepCommand.class,
      PlanCommand.class,
      ClusterCommand.class,
      CheckpointsCommand.class,
      ReportCommand.class
    })
public final class Main {
  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "print this and end")
  boolean help;

  private Main() {}

  /**
   * Runs one command and ends the JVM with its exit status.
   *
   * @param args a command and its options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine main = new CommandLine(new Main());
    main.getSubcommands()
        .values()
        .forEach(command -> SettingOptions.addTo(command.getCommandSpec()));
    return main
        // Results are UTF-8 in every locale.
        .setOut(new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true))
        .setParameterExceptionHandler(Failures::mistyped)
        .setExecutionExceptionHandler(Failures::failed);
  }
}
