package org.uiospark.jobs.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.uiospark.model.input.InvalidInputException;

/**
 * The data sets of a run: one URI, or several with weights, as {@code a:0.9,b:0.1}.
 *
 * @param text as it was given
 * @param parts at least one
 */
public record DataMixture(String text, List<Part> parts) {
  /** What stands behind the last colon; a port stands before the first slash of a path. */
  private static final Pattern WEIGHTED = Pattern.compile("(.+):([0-9.][0-9.eE+-]*)");

  private static final Pattern AUTHORITY = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*");

  /**
   * One data set.
   *
   * @param weight its share of the sequences, over the sum of all weights
   */
  public record Part(String uri, double weight) {}

  /** Keeps an immutable copy. */
  public DataMixture {
    parts = List.copyOf(parts);
  }

  /**
   * Reads a setting. Without any weight the whole text is one URI, commas and all.
   *
   * @throws InvalidInputException if a weight is missing or is not above 0
   */
  public static DataMixture of(String text) {
    List<Part> parts = new ArrayList<>();
    String unweighted = null;
    for (String entry : text.split(",", -1)) {
      Matcher weighted = WEIGHTED.matcher(entry.strip());
      if (weighted.matches() && !AUTHORITY.matcher(weighted.group(1)).matches()) {
        parts.add(new Part(weighted.group(1), weight(entry, weighted.group(2))));
      } else {
        unweighted = entry.strip();
      }
    }
    if (parts.isEmpty()) {
      parts.add(new Part(text, 1));
    } else if (unweighted != null) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.data = %s: '%s' has no weight; give each data set one, as a:0.9,b:0.1",
              text,
              unweighted));
    }
    return new DataMixture(text, parts);
  }

  private static double weight(String entry, String text) {
    double weight = Double.NaN;
    try {
      weight = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      // Said below, as for any other weight that is none.
    }
    if (!(weight > 0 && weight <= Double.MAX_VALUE)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "train.data: the weight of '%s' is %s; it must be a number above 0",
              entry.strip(),
              text));
    }
    return weight;
  }

  /** The weights in order. */
  public double[] weights() {
    return parts.stream().mapToDouble(Part::weight).toArray();
  }
}
