package org.uiospark.jobs.bench;

import java.util.List;

/** The middle of some figures; the mean of the two in the middle where there are two. */
final class Median {
  private Median() {}

  static double of(List<Double> figures) {
    List<Double> sorted = figures.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
