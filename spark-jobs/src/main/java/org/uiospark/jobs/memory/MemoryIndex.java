package org.uiospark.jobs.memory;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.memory.MemoryOrigin;

/**
 * Which memories a folder has: files {@code _memories-GENERATION.json}, one for each time that some
 * were added. Each is created once, whole, behind the memory files that it names, and never
 * changed: that is the commit. What none of them names does not exist.
 */
final class MemoryIndex {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryIndex.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Texts that begin alike: of more, the last ones are asked how much they share. */
  private static final int CANDIDATES = 16;

  private record Text(String docId, String sha256) {}

  private final OutputFolder folder;
  private final MemoryOrigin origin;
  private final Map<Text, MemoryEntry> entries = new LinkedHashMap<>();
  private final Map<String, MemoryEntry> byName = new HashMap<>();
  private final Map<String, MemoryEntry> byContent = new LinkedHashMap<>();
  private int generation;

  private MemoryIndex(OutputFolder folder, MemoryOrigin origin) {
    this.folder = folder;
    this.origin = origin;
  }

  /**
   * Reads what a folder has.
   *
   * @param folder need not exist
   * @param origin what memories are made with now
   * @throws InvalidInputException if those there were made with something else, or it is damaged
   */
  static MemoryIndex read(OutputFolder folder, MemoryOrigin origin) throws IOException {
    MemoryIndex index = new MemoryIndex(folder, origin);
    Map<String, Long> files = index.files();
    while (folder.has(index.name())) {
      index.add(index.name(), files);
      index.generation++;
    }
    return index;
  }

  private String name() {
    return String.format(Locale.ROOT, "_memories-%05d.json", generation);
  }

  private Map<String, Long> files() throws IOException {
    Map<String, Long> files = new HashMap<>();
    try {
      for (FileStatus file : folder.fs().listStatus(folder.root())) {
        files.put(file.getPath().getName(), file.getLen());
      }
    } catch (FileNotFoundException e) {
      LOG.debug("{} is not there yet", folder.root(), e);
    }
    return files;
  }

  private void add(String name, Map<String, Long> files) throws IOException {
    String where = folder.file(name).toString();
    JsonNode root = InputJson.object(where, folder.read(name));
    try {
      if (!root.path("origin").isObject() || !root.path("memories").isArray()) {
        throw new InvalidInputException(where + " is no index of memories; name another output");
      }
      origin.require(where, JSON.treeToValue(root.path("origin"), MemoryOrigin.class));
      for (JsonNode node : root.path("memories")) {
        FileName.of(where, node.path("file"));
        MemoryEntry entry = JSON.treeToValue(node, MemoryEntry.class);
        if (files.getOrDefault(entry.file(), -1L) == entry.bytes()) {
          put(entry);
        } else {
          // Under its name an earlier text would be asked.
          byName.remove(entry.docId());
          LOG.warn(
              "{} names {}, which is {}: its text is memorized again",
              where,
              entry.file(),
              files.containsKey(entry.file()) ? "of another size" : "gone");
        }
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          where + " is damaged; memorize into a new folder, or put the file back", e);
    }
  }

  private void put(MemoryEntry entry) {
    entries.put(new Text(entry.docId(), entry.textSha256()), entry);
    byName.put(entry.docId(), entry);
    byContent.put(entry.textSha256(), entry);
  }

  /** Whether a text has its memory under its name. */
  boolean has(String docId, String textSha256) {
    return entries.containsKey(new Text(docId, textSha256));
  }

  /** The memory of a content, whatever its name; null if there is none. */
  MemoryEntry of(String textSha256) {
    return byContent.get(textSha256);
  }

  /** The memory of the text that got a name last; null if none has it. */
  MemoryEntry named(String docId) {
    return byName.get(docId);
  }

  /** Names that texts of several contents have had. */
  Set<String> reusedNames() {
    Set<String> once = new HashSet<>();
    Set<String> again = new HashSet<>();
    for (Text text : entries.keySet()) {
      if (!once.add(text.docId())) {
        again.add(text.docId());
      }
    }
    return again;
  }

  /** Memory files by the first segment of their texts. */
  HashMap<String, ArrayList<String>> byFirstSegment() {
    HashMap<String, ArrayList<String>> files = new HashMap<>();
    for (MemoryEntry entry : byContent.values()) {
      if (entry.segments() > 0) {
        ArrayList<String> alike =
            files.computeIfAbsent(entry.firstSegment(), key -> new ArrayList<>());
        alike.add(entry.file());
        if (alike.size() > CANDIDATES) {
          alike.remove(0);
        }
      }
    }
    return files;
  }

  /** Adds memories whose files are there, in one step. */
  void commit(List<MemoryEntry> added) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.set("origin", JSON.valueToTree(origin));
    root.set("memories", JSON.valueToTree(added));
    byte[] content = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    // Where another run has taken the number, this one takes the next: nothing is lost.
    while (!folder.create(name(), content)) {
      generation++;
    }
    generation++;
    added.forEach(this::put);
  }
}
