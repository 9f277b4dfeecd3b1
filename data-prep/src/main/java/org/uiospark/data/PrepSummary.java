package org.uiospark.data;

import java.util.List;
import java.util.Map;

/**
 * What a data preparation did.
 *
 * @param documents new documents that gave sequences
 * @param tokens tokens of the new sequences
 * @param sequences new sequences
 * @param skipped documents that the data set had already
 * @param rejected what was left out, by reason; {@code tail tokens dropped} counts tokens
 * @param examples the first rejected lines and documents, {@code file:line: reason}
 * @param output the data set
 * @param seconds wall clock
 */
public record PrepSummary(
    long documents,
    long tokens,
    long sequences,
    long skipped,
    Map<String, Long> rejected,
    List<String> examples,
    String output,
    double seconds) {}
