package org.uiospark.data.summary;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a data preparation did.
 *
 * @param documents new documents that gave sequences
 * @param tokens tokens of the new sequences
 * @param sequences new sequences
 * @param skipped documents that the data set had already
 * @param ledger what became of every record
 * @param rejected what was left out, by reason; {@code tail tokens dropped} counts tokens
 * @param examples the first rejected lines and documents, {@code file:line: reason}
 * @param sources what became of the files
 * @param output the data set
 * @param seconds wall clock
 */
public record PrepSummary(
    long documents,
    long tokens,
    long sequences,
    long skipped,
    RecordLedger ledger,
    Map<String, Long> rejected,
    List<String> examples,
    SourceSummary sources,
    String output,
    double seconds) {

  /** The summary for people, a line a fact. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %,d new documents, %,d tokens, %,d sequences in %.1f s%n",
            output,
            documents,
            tokens,
            sequences,
            seconds));
    if (skipped > 0) {
      text.append(String.format(Locale.ROOT, "%,d documents were there already%n", skipped));
    }
    text.append(ledger.text()).append(System.lineSeparator());
    text.append(sources.text());
    rejected.forEach(
        (reason, count) ->
            text.append(String.format(Locale.ROOT, "left out: %s: %,d%n", reason, count)));
    examples.forEach(example -> text.append("  ").append(example).append(System.lineSeparator()));
    return text.toString();
  }
}
