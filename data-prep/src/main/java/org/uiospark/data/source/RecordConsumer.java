package org.uiospark.data.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** Takes what a source of records holds, in its order. */
public interface RecordConsumer {
  /**
   * Where a record stands.
   *
   * @param slice of the file
   * @param number of the line, the value or the row, from 1
   */
  record Place(Slice slice, long number) {
    /** The place as messages name it. */
    public String where() {
      return slice.path() + ":" + number;
    }

    /** A name for a record that has none. */
    public String id() {
      return slice.name() + "#" + number;
    }
  }

  /** Takes a record, which may be any JSON value. */
  void record(JsonNode record, Place place) throws IOException;

  /** Takes note of what cannot become a record. */
  void malformed(Place place, String reason);

  /** Takes note of bytes of the file that were no text and became U+FFFD. */
  void replaced(Slice slice, long bytes);
}
