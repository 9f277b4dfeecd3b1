package org.uiospark.jobs.memory;

import java.util.ArrayList;
import java.util.List;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.statistics.TextTable;

/** What a run of memorize did, for people. */
public final class MemorizeSummary {
  /** Texts that are told one by one. */
  private static final int TOLD = 20;

  private final OutputFolder folder;
  private final String read;
  private final List<MemoryEntry> first = new ArrayList<>();
  private long texts;
  private long tokens;
  private long encoded;
  private long reused;
  private double seconds;

  /**
   * @param folder of the memories
   * @param read what prep says
   */
  MemorizeSummary(OutputFolder folder, String read) {
    this.folder = folder;
    this.read = read;
  }

  void add(List<MemoryEntry> added, List<MemoryWork> work) {
    texts += added.size();
    tokens += added.stream().mapToLong(MemoryEntry::tokens).sum();
    encoded += work.stream().mapToLong(text -> text.segments() - text.shared()).sum();
    reused += work.stream().mapToLong(MemoryWork::shared).sum();
    added.stream().limit(TOLD - first.size()).forEach(first::add);
  }

  void end(double after) {
    seconds = after;
  }

  /** A line a fact. */
  public String text() {
    TextTable text = new TextTable();
    text.line(
        "%s: %,d new memories of %,d tokens, %,d segments encoded, %,d reused, in %.1f s",
        folder.root(), texts, tokens, encoded, reused, seconds);
    for (MemoryEntry entry : first) {
      text.line("  %s: %,d tokens in %s", entry.docId(), entry.tokens(), folder.file(entry.file()));
    }
    if (texts > first.size()) {
      text.line("  and %,d more", texts - first.size());
    }
    return read + text;
  }
}
