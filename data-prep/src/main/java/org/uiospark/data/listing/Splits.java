package org.uiospark.data.listing;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InvalidInputException;

/**
 * Parts of a data set for training and for testing, as {@code datasets} and hubs lay them out.
 * Whoever names the folder of both would train on the test, so one has to be named.
 */
final class Splits {
  private static final String TOGETHER = "dataset_dict.json";
  private static final String TRAINED = "train";
  private static final Set<String> HELD_OUT =
      Set.of("test", "validation", "valid", "val", "dev", "eval");
  private static final Pattern PART = Pattern.compile("([a-z]+)-\\d{5}-of-\\d{5}[.-].*");

  private Splits() {}

  /**
   * Refuses a folder with several.
   *
   * @param names in the folder
   */
  static void check(Path folder, List<String> names) {
    Set<String> splits = new TreeSet<>();
    boolean folders = names.contains(TOGETHER);
    for (String name : names) {
      Matcher part = PART.matcher(name);
      String split = folders ? name : part.matches() ? part.group(1) : "";
      if (split.equals(TRAINED) || HELD_OUT.contains(split)) {
        splits.add(split);
      }
    }
    if (splits.contains(TRAINED) && splits.size() > 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s holds the splits %s; name one of them, as '%s/%s%s'",
              folder,
              String.join(", ", splits),
              folder,
              TRAINED,
              folders ? "" : "-*"));
    }
  }
}
