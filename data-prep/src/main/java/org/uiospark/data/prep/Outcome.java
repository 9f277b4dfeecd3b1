package org.uiospark.data.prep;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.uiospark.data.commit.Addition.Part;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.listing.SpoiledFile;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.data.summary.RecordLedger;
import org.uiospark.data.summary.SourceSummary;
import org.uiospark.model.input.InvalidInputException;

/**
 * What the tasks of a run made of its input.
 *
 * @param settings of the run
 * @param results one a shard, in the order of the input
 * @param spoiled files that were left out
 * @param files that were found
 */
record Outcome(
    PrepSettings settings,
    List<ShardResult> results,
    Map<String, SpoiledFile> spoiled,
    InputListing.Files files) {
  /** Whether the data set has every document of the input already. */
  boolean isNothingNew() {
    return sum(result -> result.seen) == 0;
  }

  /** The Arrow files with sequences in them. */
  List<Part> parts() {
    return results.stream().filter(result -> result.rows > 0).map(ShardResult::part).toList();
  }

  /**
   * Makes sure that the input could be read but for a few records.
   *
   * @throws InvalidInputException if a shard failed, or more was left out than the settings allow
   */
  void requireReadable() {
    results.stream()
        .map(result -> result.failure)
        .filter(Objects::nonNull)
        .findFirst()
        .ifPresent(
            failure -> {
              throw new InvalidInputException(failure);
            });
    long lines = sum(result -> result.lines);
    long malformed = rejected(ShardResult.MALFORMED);
    if (malformed > settings.maxRejectedShare() * lines) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d of %d records are malformed, more than max-rejected-share %s; the first is %s",
              malformed,
              lines,
              settings.maxRejectedShare(),
              results.stream().map(r -> r.malformed).filter(Objects::nonNull).findFirst().get()));
    }
    long unencodable = rejected(ShardResult.UNENCODABLE);
    long documents =
        sum(result -> result.seen + result.skipped) + rejected(ShardResult.DUPLICATE) + unencodable;
    // One alone never ends a run: it is a share of nothing where books are few.
    if (unencodable > Math.max(1, settings.maxRejectedShare() * documents)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d of %d documents cannot be tokenized, more than max-rejected-share %s; the first is %s",
              unencodable,
              documents,
              settings.maxRejectedShare(),
              results.stream().map(r -> r.unencodable).filter(Objects::nonNull).findFirst().get()));
    }
  }

  /**
   * Makes sure that there is something to train on.
   *
   * @param before sequences that the data set has already
   * @throws InvalidInputException if no file could be read, or there is no sequence at all
   */
  void requireSequences(long before) {
    if (sum(result -> result.seen + result.skipped) == 0 && !spoiled.isEmpty()) {
      Map.Entry<String, SpoiledFile> first = spoiled.entrySet().iterator().next();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "no file of %s can be read: %d of %d are spoiled; the first, %s, is %s",
              String.join(", ", settings.inputs()),
              spoiled.size(),
              files.count(),
              first.getKey(),
              first.getValue().reason()));
    }
    if (before == 0 && sum(result -> result.rows) == 0) {
      List<String> examples = examples();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "empty corpus: %s gave no sequence (left out: %s%s); add text or lower min-segments",
              String.join(", ", settings.inputs()),
              rejected(),
              examples.isEmpty() ? "" : ", as " + examples.get(0)));
    }
  }

  /** What the user is told; the seconds are those of the whole run. */
  PrepSummary summary(double seconds) {
    return new PrepSummary(
        sum(result -> result.documents),
        sum(result -> result.tokens),
        sum(result -> result.rows),
        sum(result -> result.skipped),
        ledger(),
        rejected(),
        examples(),
        sources(),
        settings.output(),
        seconds);
  }

  private RecordLedger ledger() {
    TreeMap<String, Long> left = new TreeMap<>();
    results.forEach(r -> r.left.forEach((reason, n) -> left.merge(reason, n, Long::sum)));
    return new RecordLedger(
        sum(result -> result.records),
        sum(result -> result.documents),
        sum(result -> result.skipped),
        left);
  }

  private SourceSummary sources() {
    TreeMap<String, Long> replaced = new TreeMap<>();
    results.forEach(r -> r.replaced.forEach((path, n) -> replaced.merge(path, n, Long::sum)));
    TreeMap<String, String> reasons = new TreeMap<>();
    spoiled.forEach((path, each) -> reasons.put(path, each.reason()));
    return new SourceSummary(files.count() - reasons.size(), files.notRead(), reasons, replaced);
  }

  private long sum(ToLongFunction<ShardResult> counter) {
    return results.stream().mapToLong(counter).sum();
  }

  private long rejected(String reason) {
    return sum(result -> result.left.getOrDefault(reason, 0L));
  }

  /** What was left out, by reason. */
  private TreeMap<String, Long> rejected() {
    TreeMap<String, Long> rejected = new TreeMap<>();
    for (ShardResult result : results) {
      result.left.forEach((reason, n) -> rejected.merge(reason, n, Long::sum));
      result.cut.forEach((reason, n) -> rejected.merge(reason, n, Long::sum));
    }
    spoiled.values().forEach(each -> rejected.merge(each.kind(), 1L, Long::sum));
    return rejected;
  }

  /** The first documents and records that were left out, with their reasons. */
  private List<String> examples() {
    List<String> examples = new ArrayList<>();
    results.forEach(result -> examples.addAll(result.examples));
    return examples.stream().limit(ShardResult.EXAMPLES).toList();
  }
}
