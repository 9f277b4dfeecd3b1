package org.uiospark.jobs.evaluate;

/** What a suite measured: a record that is written as JSON. */
public sealed interface SuiteResult
    permits PerplexityTable, PasskeyTable, ReconstructionTable, QaTable {
  /** Name of its JSON in the output folder. */
  String file();

  /** The table for people, with its line ends. */
  String text();
}
