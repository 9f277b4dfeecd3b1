package org.uiospark.jobs;

import org.uiospark.jobs.memory.Answer;
import org.uiospark.jobs.memory.AnswerSettings;
import org.uiospark.jobs.options.SparkCommand;
import org.uiospark.jobs.settings.Settings;
import picocli.CommandLine.Command;

/** Many questions to texts that are memorized. */
@Command(
    name = "answer",
    description = {
      "Answers many questions to texts that memorize has read.",
      "",
      "A line of the questions is as {\"memory\": \"book.txt\", \"prompt\": \"Who is Emma?\"},",
      "where memory is the name that memorize printed; an id is handed on. The answers",
      "are those of generate. A run that was killed goes on where it stopped.",
      ""
    })
final class AnswerCommand extends SparkCommand {
  @Override
  protected void run(Settings settings) {
    AnswerSettings answer = AnswerSettings.of(settings);
    String done = inSpark(session -> Answer.run(session, answer));
    out().print(done);
    out().flush();
  }
}
