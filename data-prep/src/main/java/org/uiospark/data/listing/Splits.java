package org.uiospark.data.listing;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InvalidInputException;

/**
 * Parts of a data set for training and for testing, as {@code datasets} and hubs lay them out.
 * Whoever names the folder of both would train on the test, so one has to be named. Folders and
 * files that are only called so may be something else: all are read, with a word of warning.
 */
final class Splits {
  private static final String TOGETHER = "dataset_dict.json";
  private static final String TRAINED = "train";
  private static final Set<String> HELD_OUT =
      Set.of("test", "validation", "valid", "val", "dev", "eval");
  private static final Pattern NAMED = Pattern.compile("([a-z]+)([-._ 0-9].*)?");
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

  /**
   * Whether the names in a folder, {@code train.jsonl} and {@code test} say, may be those of parts.
   */
  static boolean mayBe(List<String> names) {
    Set<String> splits = new TreeSet<>();
    names.forEach(name -> splits.add(named(name)));
    return splits.contains(TRAINED) && splits.stream().anyMatch(HELD_OUT::contains);
  }

  /** The first word of a name, which may be that of a part; empty if it is another. */
  private static String named(String name) {
    Matcher first = NAMED.matcher(name.toLowerCase(Locale.ROOT));
    String word = first.matches() ? first.group(1) : "";
    return word.equals(TRAINED) || HELD_OUT.contains(word) ? word : "";
  }

  /**
   * What a user should hear of such a folder; nothing if its files are of one part.
   *
   * @param files all that are read, by path
   */
  static Optional<String> together(Path folder, SortedMap<String, Long> files) {
    String inside = folder.toString().endsWith("/") ? folder.toString() : folder + "/";
    TreeMap<String, Long> counts = new TreeMap<>();
    String trained = "";
    for (String file : files.tailMap(inside).keySet()) {
      if (!file.startsWith(inside)) {
        break;
      }
      String name = file.substring(inside.length()).replaceFirst("/.*", "");
      String split = named(name);
      counts.merge(split, 1L, Long::sum);
      trained = trained.isEmpty() && split.equals(TRAINED) ? name : trained;
    }
    counts.remove("");
    if (trained.isEmpty() || counts.size() == 1) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s holds files that are named for training and for testing (%s), and all are read;"
                + " name one part, as '%s%s', if the others shall stay unseen",
            folder,
            counts.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s %,d", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", ")),
            inside,
            trained));
  }
}
