package org.uiospark.data.commit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.TreeMap;
import org.uiospark.data.source.SpoiledFile;
import org.uiospark.data.source.SpoiledFileException;

/** What one task did with its shard; counters of one thread. */
public final class ShardResult implements Serializable {
  public static final int EXAMPLES = 5;
  public static final String TAIL = "tail tokens dropped";
  public static final String CUT = "prompt tokens cut from the middle";
  public static final String MALFORMED = "malformed line";
  public static final String UNENCODABLE = "document that cannot be tokenized";

  public int shard;
  public String failure;

  /** The first document that cannot be tokenized, with the reason. */
  public String unencodable;

  public String dataPath;
  public String ledgerPath;
  public String sha256;
  public long rows;
  public long bytes;
  public long documents;
  public long tokens;
  public long skipped;
  public long seen;
  public long lines;
  public final TreeMap<String, Long> rejected = new TreeMap<>();

  /** Bytes that were no text, by file. */
  public final TreeMap<String, Long> replaced = new TreeMap<>();

  /** Files that cannot be read to their end; where there is one, the task made nothing else. */
  public final TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();

  public final ArrayList<String> examples = new ArrayList<>();
  public final ArrayList<String> malformed = new ArrayList<>();

  public void spoil(SpoiledFileException e) {
    spoiled.put(e.path(), new SpoiledFile(e.kind(), e.getMessage()));
  }

  public void reject(String reason, long count) {
    rejected.merge(reason, count, Long::sum);
  }

  public void example(String where, String reason) {
    if (examples.size() < EXAMPLES) {
      examples.add(where + ": " + reason);
    }
  }
}
