package org.uiospark.data.prep;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.DocumentFilter;
import org.uiospark.data.commit.DocumentKey;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.model.input.InvalidInputException;
import scala.Tuple2;

/**
 * The shards of a run as Spark tasks.
 *
 * <p>Of documents without id the data set may have some copies and the run more. Then the first, in
 * the order of the whole input, are those that it has. So a first stage counts the known ones in
 * each shard, and a shuffle, not the driver, tells each shard how many of them it leaves out.
 *
 * @param known how often the data set has each document
 */
record ShardRuns(
    PrepSettings settings,
    Broadcast<byte[]> tokenizer,
    Broadcast<ChatConfig> chat,
    Broadcast<HashMap<DocumentKey, Integer>> known,
    String folder,
    HadoopSettings hadoop)
    implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardRuns.class);

  /** Tasks that add up counts: not one a shard, for each of them hears of each shard. */
  private static final int COUNTERS = 200;

  /**
   * A shard, and how many documents of some keys it leaves out: those that come before it leave out
   * the rest. Of any other key it leaves out as many as are known.
   */
  private record Work(Shard shard, HashMap<DocumentKey, Integer> fewer) implements Serializable {}

  /**
   * How often a key came in a shard.
   *
   * @param index of the shard, by its place in the input
   * @param place of the shard, by its place in the list of tasks
   */
  private record Count(int index, int place, int count) implements Serializable {}

  /** Runs them, the first of the list first. */
  List<ShardResult> run(JavaSparkContext context, List<Shard> shards) {
    return work(context, shards).map(work -> run(work)).collect();
  }

  /** Whether what a shard leaves out depends on the others. */
  boolean countsCopies() {
    return known.value().values().stream().anyMatch(n -> n != DocumentLedgers.ANY);
  }

  private JavaRDD<Work> work(JavaSparkContext context, List<Shard> shards) {
    JavaRDD<Shard> all = context.parallelize(shards, shards.size());
    if (!countsCopies()) {
      return all.map(shard -> new Work(shard, new HashMap<>()));
    }
    JavaPairRDD<Integer, Tuple2<DocumentKey, Integer>> fewer =
        all.mapPartitionsWithIndex((place, shard) -> counts(shard.next(), place).iterator(), false)
            .mapToPair(pair -> pair)
            .groupByKey(Math.min(shards.size(), COUNTERS))
            .flatMapToPair(entry -> fewer(entry._1(), entry._2()).iterator())
            .partitionBy(new HashPartitioner(shards.size()));
    // Both have a partition for each shard: the place of a shard is its hash.
    return all.zipPartitions(
        fewer,
        (shard, pairs) -> {
          HashMap<DocumentKey, Integer> own = new HashMap<>();
          pairs.forEachRemaining(pair -> own.put(pair._2()._1(), pair._2()._2()));
          return List.of(new Work(shard.next(), own)).iterator();
        });
  }

  private List<Tuple2<DocumentKey, Count>> counts(Shard shard, int place) throws IOException {
    HashMap<DocumentKey, Integer> counts = new HashMap<>();
    try {
      new ShardReader(
              settings,
              hadoop.configuration(),
              DocumentFilter.counting(known.value(), counts),
              DocumentSink.NONE,
              new ShardResult(shard.index()))
          .read(shard);
    } catch (InvalidInputException | SpoiledFileException e) {
      // The stage that writes meets it too and says so.
      LOG.debug("Shard {} cannot be counted to its end", shard.index(), e);
    }
    return counts.entrySet().stream()
        .map(e -> new Tuple2<>(e.getKey(), new Count(shard.index(), place, e.getValue())))
        .toList();
  }

  /** Deals out the copies that the data set has, in the order of the input. */
  private List<Tuple2<Integer, Tuple2<DocumentKey, Integer>>> fewer(
      DocumentKey key, Iterable<Count> counts) {
    List<Count> ordered = new ArrayList<>();
    counts.forEach(ordered::add);
    ordered.sort(Comparator.comparingInt(Count::index));
    List<Tuple2<Integer, Tuple2<DocumentKey, Integer>>> fewer = new ArrayList<>();
    int left = known.value().get(key);
    for (Count count : ordered) {
      if (left < count.count()) {
        fewer.add(new Tuple2<>(count.place(), new Tuple2<>(key, left)));
      }
      left = Math.max(0, left - count.count());
    }
    return fewer;
  }

  private ShardResult run(Work work) throws IOException {
    Encoding encoding =
        new Encoding(
            settings,
            SharedTokenizer.of(tokenizer.value(), settings.tokenizer()),
            chat.value().template());
    ShardTask task = new ShardTask(encoding, folder, hadoop.configuration());
    HashMap<String, String> refused = new HashMap<>();
    while (true) {
      try {
        DocumentFilter filter = DocumentFilter.of(known.value(), work.fewer());
        return task.run(work.shard(), filter, refused);
      } catch (RefusedDocumentException e) {
        // Some of its sequences are in the file already: once more, without it.
        refused.put(e.where(), e.getMessage());
      }
    }
  }
}
