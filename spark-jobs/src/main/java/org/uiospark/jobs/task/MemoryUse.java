package org.uiospark.jobs.task;

import java.io.Serializable;

/**
 * What work has in memory, for the line that tells that there was not enough.
 *
 * @param ran what ran and how large it was; empty where whoever failed says it all
 * @param remedy what to change in the settings; empty where no setting helps
 */
public record MemoryUse(String ran, String remedy) implements Serializable {
  /** Work whose size follows from the data alone. */
  static final MemoryUse OF_DATA = new MemoryUse("", "");
}
