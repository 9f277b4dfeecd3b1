package org.uiospark.data.prep;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.KnownDocument;
import org.uiospark.data.copies.CopySearch;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.copies.SliceKeys;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.listing.SpoiledFile;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.SpoiledFileException;
import org.uiospark.data.storage.HadoopSettings;

/**
 * A first reading of the input, which finds copies of documents, and files that cannot be read to
 * their end. What it found lies on the disks of the executors: it grows with the input.
 */
final class CopyScan implements AutoCloseable {
  /** Tasks that sort keys: not one a shard, for each of them hears of each shard. */
  private static final int SORTERS = 200;

  private final JavaSparkContext context;
  private final PrepSettings settings;
  private final HadoopSettings hadoop;
  private final List<Shard> shards;
  private final JavaRDD<Found> found;

  /** What was found in a shard: keys for each slice, and files that are spoiled. */
  private record Found(ArrayList<SliceKeys> keys, TreeMap<String, SpoiledFile> spoiled)
      implements Serializable {}

  /** Reads nothing yet. */
  CopyScan(
      JavaSparkContext context, PrepSettings settings, HadoopSettings hadoop, List<Shard> shards) {
    this.context = context;
    this.settings = settings;
    this.hadoop = hadoop;
    this.shards = shards;
    this.found =
        context
            .parallelize(shards, shards.size())
            .map(shard -> found(shard, settings, hadoop.configuration()))
            .persist(StorageLevel.DISK_ONLY());
  }

  private static Found found(Shard shard, PrepSettings settings, Configuration configuration)
      throws IOException {
    Found found = new Found(new ArrayList<>(), new TreeMap<>());
    for (Shard.Part part : shard.parts()) {
      KeySink sink = new KeySink(settings.repeats(), part.number());
      ShardResult result = new ShardResult(shard.index());
      try {
        new ShardReader(settings, configuration, sink, result)
            .read(part.slice(), LeftOut.nothing());
        found.keys().addAll(sink.pages());
      } catch (SpoiledFileException e) {
        result.spoil(e);
        found.spoiled().putAll(result.spoiled);
      }
    }
    return found;
  }

  /** Reads all, and gives the files that cannot be read to their end. */
  Map<String, SpoiledFile> spoiled() {
    TreeMap<String, SpoiledFile> spoiled = new TreeMap<>();
    found.map(Found::spoiled).filter(files -> !files.isEmpty()).collect().forEach(spoiled::putAll);
    return spoiled;
  }

  /**
   * What is left out of each shard, by the numbers of its slices.
   *
   * @param readable the shards without what cannot be read; a partition each, in this order
   * @param ledgers pages that list the documents that the data set has
   */
  JavaRDD<Map<Integer, LeftOut>> leftOut(List<Shard> readable, List<Ledger> ledgers) {
    // The slices of a shard follow each other, so its first tells the place of all.
    TreeMap<Integer, Integer> places = new TreeMap<>();
    BitSet unreadable = numbers(shards);
    for (int place = 0; place < readable.size(); place++) {
      List<Shard.Part> parts = readable.get(place).parts();
      if (!parts.isEmpty()) {
        places.put(parts.get(0).number(), place);
      }
    }
    unreadable.andNot(numbers(readable));
    JavaRDD<SliceKeys> keys =
        found.flatMap(each -> each.keys().iterator()).filter(each -> !unreadable.get(each.slice()));
    CopySearch search =
        new CopySearch(settings.repeats(), Math.max(1, Math.min(readable.size(), SORTERS)));
    return search.leftOut(keys, known(ledgers), places, readable.size());
  }

  private static BitSet numbers(List<Shard> shards) {
    BitSet numbers = new BitSet();
    shards.forEach(shard -> shard.parts().forEach(part -> numbers.set(part.number())));
    return numbers;
  }

  private JavaRDD<KnownDocument> known(List<Ledger> ledgers) {
    if (ledgers.isEmpty()) {
      return context.emptyRDD();
    }
    // Fields would take this object along, which no task can have.
    HadoopSettings files = hadoop;
    String output = settings.output();
    Duplicates duplicates = settings.repeats().duplicates();
    return context
        .parallelize(ledgers, ledgers.size())
        .flatMap(
            ledger ->
                new DocumentLedgers(output, files.configuration()).documents(ledger, duplicates));
  }

  @Override
  public void close() {
    found.unpersist();
  }
}
