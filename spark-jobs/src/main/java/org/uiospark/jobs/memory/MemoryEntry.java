package org.uiospark.jobs.memory;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;

/**
 * A text that is memorized.
 *
 * @param docId what it is called
 * @param textSha256 of its content; with the name it tells texts apart
 * @param tokens of it
 * @param segments whole ones: so many have memories
 * @param firstSegment SHA-256 of the tokens of the first one; empty if there is none
 * @param file of its memories, in the same folder
 * @param bytes of that
 * @param sha256 of that
 */
@JsonNaming(SnakeCaseStrategy.class)
record MemoryEntry(
    String docId,
    String textSha256,
    long tokens,
    int segments,
    String firstSegment,
    String file,
    long bytes,
    String sha256)
    implements Serializable {
  /** The same memories for a text of another name. */
  MemoryEntry named(String other) {
    return new MemoryEntry(other, textSha256, tokens, segments, firstSegment, file, bytes, sha256);
  }
}
