package org.uiospark.data.summary;

import java.util.Locale;
import java.util.Map;

/**
 * What became of the records of the files that were read; a text file is one record.
 *
 * @param records all of them
 * @param kept those that gave sequences
 * @param known those that the data set has already
 * @param left those that were left out, by reason
 */
public record RecordLedger(long records, long kept, long known, Map<String, Long> left) {
  /** Records that are in no column of the ledger: 0, or prep has lost some. */
  public long missing() {
    return records - kept - known - left.values().stream().mapToLong(n -> n).sum();
  }

  /** The ledger for people, in one line. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "records: %,d = %,d kept", records, kept));
    text.append(String.format(Locale.ROOT, " + %,d there already", known));
    left.forEach(
        (reason, count) -> text.append(String.format(Locale.ROOT, " + %,d %s", count, reason)));
    if (missing() != 0) {
      text.append(String.format(Locale.ROOT, " + %,d unaccounted for", missing()));
    }
    return text.toString();
  }
}
