package org.uiospark.jobs.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.prep.CorpusTexts;
import org.uiospark.data.settings.PrepSettings;

/**
 * Whose names the documents of the input are now. One that has an earlier content again is nothing
 * new to prep, and its name would stay with the content in between.
 *
 * @param prep says what the input is
 */
record NamesNow(PrepSettings prep, Configuration configuration) {
  /**
   * Earlier memories whose text has its name again. Most names have had one content alone; where
   * all have, no input is read here.
   */
  List<MemoryEntry> takenBack(MemoryIndex index) {
    List<MemoryEntry> back = new ArrayList<>();
    Set<String> reused = index.reusedNames();
    if (reused.isEmpty()) {
      return back;
    }
    for (Map.Entry<String, String> document :
        CorpusTexts.contents(prep, reused, configuration).entrySet()) {
      MemoryEntry last = index.named(document.getKey());
      MemoryEntry now = index.of(document.getValue());
      if (now != null && (last == null || !last.textSha256().equals(now.textSha256()))) {
        back.add(now.named(document.getKey()));
      }
    }
    return back;
  }
}
