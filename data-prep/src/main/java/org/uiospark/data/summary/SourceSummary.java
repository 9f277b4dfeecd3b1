package org.uiospark.data.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of the files of a corpus.
 *
 * @param read files that were read
 * @param notRead files and folders that were passed over, by ending or reason
 * @param spoiled files that were left out, with what is wrong with each
 * @param replaced bytes that were no text and became U+FFFD, by file
 */
public record SourceSummary(
    long read, Map<String, Long> notRead, Map<String, String> spoiled, Map<String, Long> replaced) {
  private static final int SHOWN = 20;

  /** The summary for people, a line a fact; it names the first files of each kind. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "files read: %,d", read));
    if (!notRead.isEmpty()) {
      text.append("; not read: ")
          .append(
              notRead.entrySet().stream()
                  .map(each -> String.format(Locale.ROOT, "%s %,d", each.getKey(), each.getValue()))
                  .collect(Collectors.joining(", ")));
    }
    text.append(System.lineSeparator());
    TreeMap<String, List<String>> byReason = new TreeMap<>();
    spoiled.forEach(
        (path, reason) -> byReason.computeIfAbsent(reason, key -> new ArrayList<>()).add(path));
    append(
        text,
        byReason.entrySet().stream().map(each -> leftOut(each.getValue(), each.getKey())).toList());
    append(
        text,
        replaced.entrySet().stream()
            .map(
                each ->
                    String.format(
                        Locale.ROOT,
                        "replaced: %,d bytes of %s that are no UTF-8",
                        each.getValue(),
                        each.getKey()))
            .toList());
    return text.toString();
  }

  /** One line for all files with one thing wrong, as tables without a column. */
  private static String leftOut(List<String> paths, String reason) {
    return paths.size() == 1
        ? String.format(Locale.ROOT, "left out: %s is %s", paths.get(0), reason)
        : String.format(
            Locale.ROOT,
            "left out: %,d files, the first %s, each %s",
            paths.size(),
            paths.get(0),
            reason);
  }

  private static void append(StringBuilder text, List<String> lines) {
    lines.stream().limit(SHOWN).forEach(line -> text.append(line).append(System.lineSeparator()));
    if (lines.size() > SHOWN) {
      text.append(String.format(Locale.ROOT, "  and %,d files more%n", lines.size() - SHOWN));
    }
  }
}
