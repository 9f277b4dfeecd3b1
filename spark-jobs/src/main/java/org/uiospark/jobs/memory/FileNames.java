package org.uiospark.jobs.memory;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.model.input.Sha256;

/**
 * Whose names the files of the input are now. One that has an earlier content again is nothing new
 * to prep, and its name would stay with the content in between.
 *
 * @param prep says what the input is
 */
record FileNames(PrepSettings prep, Configuration configuration) {
  /**
   * Earlier memories whose text has its name again. Most names have had one content alone, and the
   * files of such are not read here.
   */
  List<MemoryEntry> takenBack(MemoryIndex index) throws IOException {
    List<MemoryEntry> back = new ArrayList<>();
    Set<String> reused = index.reusedNames();
    if (reused.isEmpty()) {
      return back;
    }
    for (Map.Entry<String, String> file : contents(reused).entrySet()) {
      MemoryEntry last = index.named(file.getKey());
      MemoryEntry now = index.of(file.getValue());
      if (now != null && (last == null || !last.textSha256().equals(now.textSha256()))) {
        back.add(now.named(file.getKey()));
      }
    }
    return back;
  }

  /** SHA-256 by name; of files of one name the last counts, as among new texts. */
  private Map<String, String> contents(Set<String> names) throws IOException {
    Map<String, Slice> last = new LinkedHashMap<>();
    for (Slice slice : InputListing.of(prep, configuration).slices()) {
      if (slice.kind().content() == Content.TEXT && names.contains(slice.name())) {
        last.put(slice.name(), slice);
      }
    }
    Map<String, String> contents = new LinkedHashMap<>();
    for (Slice slice : last.values()) {
      try (InputStream in = SourceReader.open(slice, configuration)) {
        contents.put(slice.name(), Sha256.hex(in));
      } catch (SpoiledFileException e) {
        // Prep left it out, and counted it.
      }
    }
    return contents;
  }
}
