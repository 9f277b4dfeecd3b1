package org.uiospark.jobs;

import picocli.CommandLine.Option;

/** The options of every command that estimates a gradient; each sets a key of that command. */
final class EstimatorOptions {
  @Option(
      names = "--estimator",
      paramLabel = "NAME",
      description = "exact, tbptt, unbiased or sampled")
  String estimator;

  @Option(names = "--window", paramLabel = "S", description = "segments of tbptt and unbiased")
  Integer window;

  @Option(names = "--samples", paramLabel = "K", description = "segments that sampled draws")
  Integer samples;
}
