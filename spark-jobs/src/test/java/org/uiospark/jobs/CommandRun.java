package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * A command run in this JVM.
 *
 * @param status what the process would end with
 * @param out standard output
 * @param err standard error, without the log
 */
record CommandRun(int status, String out, String err) {
  static CommandRun of(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine main = Main.commandLine();
    main.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    String[] words = new String[args.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = args[i].toString();
    }
    int status = main.execute(words);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** One line that holds each of {@code says}, the status of what the user can mend, no result. */
  static void assertRefused(CommandRun run, String... says) {
    assertThat(run.err()).startsWith("uio: ").contains(says).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
