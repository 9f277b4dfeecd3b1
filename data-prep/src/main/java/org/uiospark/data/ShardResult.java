package org.uiospark.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.TreeMap;

/** What one task did with its shard; counters of one thread. */
final class ShardResult implements Serializable {
  static final int EXAMPLES = 5;
  static final String TAIL = "tail tokens dropped";
  static final String CUT = "prompt tokens cut from the middle";
  static final String MALFORMED = "malformed line";
  static final String UNENCODABLE = "document that cannot be tokenized";

  int shard;
  String failure;

  /** The first document that cannot be tokenized, with the reason. */
  String unencodable;

  String dataPath;
  String ledgerPath;
  String sha256;
  long rows;
  long bytes;
  long documents;
  long tokens;
  long skipped;
  long seen;
  long lines;
  final TreeMap<String, Long> rejected = new TreeMap<>();

  /** Bytes that were no text, by file. */
  final TreeMap<String, Long> replaced = new TreeMap<>();

  /** Files that cannot be read to their end; where there is one, the task made nothing else. */
  final TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();

  final ArrayList<String> examples = new ArrayList<>();
  final ArrayList<String> malformed = new ArrayList<>();

  void spoil(SpoiledFileException e) {
    spoiled.put(e.path(), new SpoiledFile(e.kind(), e.getMessage()));
  }

  void reject(String reason, long count) {
    rejected.merge(reason, count, Long::sum);
  }

  void example(String where, String reason) {
    if (examples.size() < EXAMPLES) {
      examples.add(where + ": " + reason);
    }
  }
}
