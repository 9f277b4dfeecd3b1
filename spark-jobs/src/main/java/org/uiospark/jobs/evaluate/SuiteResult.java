package org.uiospark.jobs.evaluate;

import java.util.List;
import org.uiospark.jobs.evaluate.score.ContextSeconds;

/** What a suite measured: a record that is written as JSON. */
public sealed interface SuiteResult
    permits PerplexityTable, RecallTable, ReconstructionTable, QaTable {
  /** Name of its JSON in the output folder. */
  String file();

  /** The table for people, with its line ends. */
  String text();

  /** How long reading took by length of the text; none where that was not measured. */
  default List<ContextSeconds> seconds() {
    return List.of();
  }
}
