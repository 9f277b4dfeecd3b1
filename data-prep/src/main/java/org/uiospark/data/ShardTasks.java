package org.uiospark.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.ShardResult.Spoiled;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TextTokenizer;

/** Input files to shards, and shards to Spark tasks. */
final class ShardTasks {
  private static final long NOT_CUT = -1;

  /** One a JVM, by SHA-256 of its file: driver and tasks share it. */
  private static final ConcurrentHashMap<String, TextTokenizer> TOKENIZERS =
      new ConcurrentHashMap<>();

  private final SparkSession spark;
  private final PrepSettings settings;
  private final byte[] json;
  private final ChatConfig chat;

  /**
   * @param json the tokenizer
   */
  ShardTasks(SparkSession spark, PrepSettings settings, byte[] json, ChatConfig chat) {
    this.spark = spark;
    this.settings = settings;
    this.json = json;
    this.chat = chat;
  }

  /** The tokenizer of a file, read once a JVM. */
  static TextTokenizer tokenizer(byte[] json, String where) {
    return TOKENIZERS.computeIfAbsent(Sha256.hex(json), key -> TextTokenizer.parse(json, where));
  }

  /**
   * What the tasks of a run made.
   *
   * @param spoiled files that were left out
   */
  record Outcome(
      List<ShardResult> results, Map<String, Spoiled> spoiled, InputListing.Files files) {}

  /**
   * Reads the files and writes their sequences.
   *
   * @param known keys of the documents that the data set has
   * @param work folder for what is written
   */
  Outcome run(InputListing.Files files, HashSet<String> known, Path work) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    HadoopSettings hadoop = HadoopSettings.of(spark.sparkContext().hadoopConfiguration());
    List<Shard> shards =
        Shard.pack(numbered(context, hadoop, files.slices()), settings.shardBytes());
    Broadcast<byte[]> tokenizerJson = context.broadcast(json);
    Broadcast<ChatConfig> chatConfig = context.broadcast(chat);
    Broadcast<HashSet<String>> documents = context.broadcast(known);
    // Copies: a task must not carry the job, which holds the session.
    PrepSettings plan = settings;
    String folder = work.toString();
    Outcome outcome =
        withoutSpoiled(
            shards,
            files,
            some ->
                context
                    .parallelize(some, some.size())
                    .map(
                        shard ->
                            new ShardTask(
                                    plan,
                                    tokenizer(tokenizerJson.value(), plan.tokenizer()),
                                    chatConfig.value().template(),
                                    documents.value(),
                                    folder,
                                    hadoop.configuration())
                                .run(shard))
                    .collect());
    tokenizerJson.unpersist();
    chatConfig.unpersist();
    documents.unpersist();
    return outcome;
  }

  /**
   * Runs the shards. A file is read whole or not at all: where a part of it turns out to be
   * spoiled, the shards with a part of it are run again without it.
   */
  private static Outcome withoutSpoiled(
      List<Shard> shards,
      InputListing.Files files,
      Function<List<Shard>, List<ShardResult>> tasks) {
    TreeMap<Integer, ShardResult> results = new TreeMap<>();
    TreeMap<String, Spoiled> spoiled = new TreeMap<>();
    TreeMap<Integer, Shard> done = new TreeMap<>();
    List<Shard> left = shards;
    while (!left.isEmpty()) {
      // The longest first: no long one begins when the other cores are about to run out of work.
      List<Shard> ordered =
          left.stream().sorted(Comparator.comparingLong(Shard::bytes).reversed()).toList();
      for (ShardResult result : tasks.apply(ordered)) {
        results.put(result.shard, result);
        spoiled.putAll(result.spoiled);
      }
      files.checkNamed(spoiled);
      left.forEach(shard -> done.put(shard.index(), shard));
      left =
          done.values().stream()
              .filter(shard -> shard.holdsAny(spoiled.keySet()))
              .map(shard -> shard.without(spoiled.keySet()))
              .toList();
    }
    return new Outcome(List.copyOf(results.values()), spoiled, files);
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

  /** Those that do not end with their file: the next one begins where they end. */
  static List<Slice> followed(List<Slice> slices) {
    return IntStream.range(1, slices.size())
        .filter(i -> slices.get(i).start() > 0)
        .mapToObj(i -> slices.get(i - 1))
        .toList();
  }

  /** Of the lines that begin in the slice; {@link #NOT_CUT} where the file is to be read whole. */
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
