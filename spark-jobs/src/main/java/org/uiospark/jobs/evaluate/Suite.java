package org.uiospark.jobs.evaluate;

/** What a name of {@code evaluate.suite} stands for; refuses what it cannot run when it is made. */
interface Suite {
  /** Runs it. */
  SuiteResult run();

  /** Tokens of the longest text that it reads with memory. */
  long longestText();
}
