package org.uiospark.data.prep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.commit.Addition.Part;
import org.uiospark.data.listing.SpoiledFile;
import org.uiospark.data.source.SpoiledFileException;

/** What one task did with its shard; counters of one thread, on their way to the driver. */
final class ShardResult implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int EXAMPLES = 5;
  static final String TAIL = "tail tokens dropped";
  static final String CUT = "prompt tokens cut from the middle";
  static final String DUPLICATE = "duplicate of another text";
  static final String NEAR = "near duplicate of another text";
  static final String MALFORMED = "malformed line";
  static final String UNENCODABLE = "document that cannot be tokenized";

  /** The index of the shard. */
  final int shard;

  /** What the user has to mend before the shard can be read; null if nothing. */
  String failure;

  /** The first record that is malformed, with the reason; null if none is. */
  String malformed;

  /** The first document that cannot be tokenized, with the reason; null if all can. */
  String unencodable;

  /** The Arrow file, with its rows, its bytes and the SHA-256 of its content and its footer. */
  String dataPath;

  long rows;
  long bytes;
  String sha256;
  String footerSha256;

  /** The file that lists the documents of the Arrow file, and its bytes. */
  String ledgerPath;

  long ledgerBytes;

  /** Documents and records that were read, whatever became of them. */
  long records;

  /** Those that were no text files, malformed ones among them. */
  long lines;

  /** Documents that the data set has already. */
  long skipped;

  /** Documents that are new, those that were too short or near duplicates among them. */
  long seen;

  /** New documents that gave sequences. */
  long documents;

  /** Tokens in the sequences. */
  long tokens;

  /** Records that were left out, by reason. */
  final TreeMap<String, Long> left = new TreeMap<>();

  /** Tokens of others that were left out, by reason. */
  final TreeMap<String, Long> cut = new TreeMap<>();

  /** Bytes that were no text, by file. */
  final TreeMap<String, Long> replaced = new TreeMap<>();

  /** Files that cannot be read to their end; where there is one, the task made nothing else. */
  final TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();

  /** The first documents and records that were left out, with their reasons. */
  final ArrayList<String> examples = new ArrayList<>();

  ShardResult(int shard) {
    this.shard = shard;
  }

  /** The Arrow file, as it goes into the data set. */
  Part part() {
    return new Part(new Path(dataPath).getName(), rows, tokens, bytes, sha256, footerSha256);
  }

  /** Counts a file that cannot be read to its end. */
  void spoil(SpoiledFileException e) {
    spoiled.put(e.path(), new SpoiledFile(e.kind(), e.getMessage()));
  }

  /** Counts a record that is left out. */
  void leave(String reason) {
    left.merge(reason, 1L, Long::sum);
  }

  /** Counts tokens that are left out. */
  void cut(String reason, long tokens) {
    cut.merge(reason, tokens, Long::sum);
  }

  /** Counts a malformed record. */
  void malformed(String where, String reason) {
    leave(MALFORMED);
    malformed = first(malformed, example(where, reason));
  }

  /** Counts a document that cannot be tokenized. */
  void unencodable(String where, String reason) {
    leave(UNENCODABLE);
    unencodable = first(unencodable, example(where, reason));
  }

  /** Counts a document that is too short. */
  void tooShort(String where, String reason) {
    leave(reason);
    example(where, reason);
  }

  private String example(String where, String reason) {
    String example = where + ": " + reason;
    if (examples.size() < EXAMPLES) {
      examples.add(example);
    }
    return example;
  }

  private static String first(String known, String next) {
    return known == null ? next : known;
  }
}
