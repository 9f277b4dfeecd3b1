package org.uiospark.data.prep;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.copies.Fate;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.listing.SpoiledFile;
import org.uiospark.data.longtext.EncodedText;
import org.uiospark.data.longtext.LongText;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceReader;
import org.uiospark.data.source.json.LineStream;
import org.uiospark.data.storage.HadoopSettings;

/** Packs input files into shards, has them run as tasks, and tells what became of the files. */
final class CorpusRun {
  private static final long NOT_CUT = -1;

  private final SparkSession spark;
  private final PrepSettings settings;
  private final byte[] json;
  private final ChatConfig chat;

  /**
   * @param json the tokenizer
   */
  CorpusRun(SparkSession spark, PrepSettings settings, byte[] json, ChatConfig chat) {
    this.spark = spark;
    this.settings = settings;
    this.json = json;
    this.chat = chat;
  }

  /**
   * Reads the files and writes their sequences.
   *
   * @param ledgers pages that list the documents that the data set has
   * @param work folder for what is written
   */
  Outcome run(InputListing.Files files, List<Ledger> ledgers, Path work) throws IOException {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    HadoopSettings hadoop = HadoopSettings.of(spark.sparkContext().hadoopConfiguration());
    List<Shard> shards = Shard.pack(numbered(context, hadoop, files.slices()), files.shardBytes());
    try (Sent<byte[]> tokenizer = new Sent<>(context.broadcast(json));
        Sent<ChatConfig> template = new Sent<>(context.broadcast(chat))) {
      ShardRuns runs =
          new ShardRuns(
              settings, tokenizer.broadcast(), template.broadcast(), work.toString(), hadoop);
      boolean readsFirst =
          settings.repeats().duplicates() == Duplicates.DROP
              || !ledgers.isEmpty()
              || !longTexts(shards, files).isEmpty();
      return readsFirst
          ? withoutCopies(context, runs, shards, ledgers, files)
          : withoutSpoiled(context, runs, shards, files);
    }
  }

  /**
   * Runs the shards. A first reading has named the files that are spoiled, and the copies. The
   * parts of a long text come in the place of its shard.
   */
  private Outcome withoutCopies(
      JavaSparkContext context,
      ShardRuns runs,
      List<Shard> shards,
      List<Ledger> ledgers,
      InputListing.Files files)
      throws IOException {
    TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();
    while (true) {
      List<Shard> left = without(shards, spoiled.keySet());
      try (CopyScan scan = new CopyScan(context, settings, runs.hadoop(), left)) {
        spoiled.putAll(scan.spoiled());
        files.checkNamed(spoiled);
        int before = spoiled.size();
        List<Shard> readable = longestFirst(without(left, spoiled.keySet()));
        JavaRDD<Map<Integer, LeftOut>> leftOut = scan.leftOut(readable, ledgers);
        List<EncodedText> texts =
            runs.encode(context, thatStay(longTexts(readable, files), readable, leftOut));
        List<Shard> others = without(readable, paths(texts));
        List<ShardResult> results = new ArrayList<>(runs.run(context, others, leftOut));
        results.addAll(runs.write(context, texts));
        results.forEach(result -> spoiled.putAll(result.spoiled));
        files.checkNamed(spoiled);
        // A file that was spoiled meanwhile: what is a copy in others may have changed.
        if (spoiled.size() == before) {
          return new Outcome(settings, inOrder(results), spoiled, files);
        }
      }
    }
  }

  /**
   * Runs the shards. A file is read whole or not at all: where a part of it turns out to be
   * spoiled, the shards with a part of it are run again without it.
   */
  private Outcome withoutSpoiled(
      JavaSparkContext context, ShardRuns runs, List<Shard> shards, InputListing.Files files) {
    TreeMap<Integer, ShardResult> results = new TreeMap<>();
    TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();
    TreeMap<Integer, Shard> done = new TreeMap<>();
    List<Shard> left = shards;
    while (!left.isEmpty()) {
      for (ShardResult result : runs.run(context, longestFirst(left))) {
        results.put(result.shard, result);
        spoiled.putAll(result.spoiled);
      }
      files.checkNamed(spoiled);
      left.forEach(shard -> done.put(shard.index(), shard));
      left =
          without(
              done.values().stream().filter(shard -> shard.holdsAny(spoiled.keySet())).toList(),
              spoiled.keySet());
    }
    return new Outcome(settings, inOrder(results.values()), spoiled, files);
  }

  /** The shards that are one long text. */
  private static List<LongText> longTexts(List<Shard> shards, InputListing.Files files) {
    return shards.stream()
        .filter(shard -> shard.parts().size() == 1)
        .map(shard -> LongText.of(shard.index(), shard.slices().get(0), files.shardBytes()))
        .filter(LongText::isLong)
        .toList();
  }

  /**
   * The texts that are not left out.
   *
   * @param leftOut of each shard
   */
  private static List<LongText> thatStay(
      List<LongText> texts, List<Shard> shards, JavaRDD<Map<Integer, LeftOut>> leftOut) {
    if (texts.isEmpty()) {
      return texts;
    }
    List<Boolean> stay =
        leftOut
            .map(left -> left.values().stream().allMatch(each -> each.of(0) == Fate.STAYS))
            .collect();
    Set<Integer> staying =
        IntStream.range(0, shards.size())
            .filter(stay::get)
            .mapToObj(i -> shards.get(i).index())
            .collect(Collectors.toSet());
    return texts.stream().filter(text -> staying.contains(text.shard())).toList();
  }

  private static Set<String> paths(List<EncodedText> texts) {
    return texts.stream().map(each -> each.text().slice().path()).collect(Collectors.toSet());
  }

  private static List<Shard> without(List<Shard> shards, Set<String> paths) {
    return shards.stream().map(shard -> shard.without(paths)).toList();
  }

  /** The longest come first, so that none begins when the other cores run out of work. */
  private static List<Shard> longestFirst(List<Shard> shards) {
    return shards.stream().sorted(Comparator.comparingLong(Shard::bytes).reversed()).toList();
  }

  private static List<ShardResult> inOrder(Collection<ShardResult> results) {
    return results.stream().sorted(Comparator.comparingInt(result -> result.shard)).toList();
  }

  /** Gives the slices inside a file the number of lines before them; reads split files once. */
  private static List<Slice> numbered(
      JavaSparkContext context, HadoopSettings hadoop, List<Slice> slices) {
    List<Slice> split = followed(slices).stream().filter(Slice::lines).toList();
    if (split.isEmpty()) {
      return slices;
    }
    List<Long> counts =
        context
            .parallelize(split, split.size())
            .map(slice -> countLines(slice, hadoop.configuration()))
            .collect();
    Map<Slice, Long> lines = new HashMap<>();
    for (int i = 0; i < split.size(); i++) {
      lines.put(split.get(i), counts.get(i));
    }
    List<Slice> numbered = new ArrayList<>();
    long first = 0;
    for (int i = 0; i < slices.size(); i++) {
      Slice slice = slices.get(i);
      first = slice.start() == 0 ? 0 : first;
      long count = lines.getOrDefault(slice, 0L);
      if (count == NOT_CUT) {
        while (i + 1 < slices.size() && slices.get(i + 1).start() > 0) {
          i++;
        }
        numbered.add(slice.until(slices.get(i).end()));
      } else {
        numbered.add(slice.after(first));
        first += count;
      }
    }
    return numbered;
  }

  /** The slices that do not end with their file: the next slice begins where they end. */
  static List<Slice> followed(List<Slice> slices) {
    return IntStream.range(1, slices.size())
        .filter(i -> slices.get(i).start() > 0)
        .mapToObj(i -> slices.get(i - 1))
        .toList();
  }

  /** Counts the lines that begin in a slice; {@link #NOT_CUT} if its file must be read whole. */
  private static long countLines(Slice slice, Configuration configuration) throws IOException {
    if (slice.start() == 0) {
      try (InputStream in = SourceReader.open(slice, configuration)) {
        if (!SourceReader.canBeCut(in)) {
          return NOT_CUT;
        }
      }
    }
    try (InputStream in = SourceReader.open(slice, configuration)) {
      LineStream lines = SourceReader.lineStream(in, slice);
      long count = 0;
      while (lines.position() < slice.end() && lines.next() != null) {
        count++;
      }
      return count;
    }
  }
}
