package org.uiospark.data.copies;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.uiospark.data.commit.KnownDocument;
import org.uiospark.data.copies.Fates.Found;
import org.uiospark.data.settings.Repeats;
import scala.Tuple2;

/**
 * Finds copies by sorting: first by key, which brings equal texts together, then by buckets of
 * signatures, which do so with near ones. Sorting goes over the disk where memory does not suffice.
 *
 * @param repeats which copies are left out
 * @param partitions in which keys are sorted
 */
public record CopySearch(Repeats repeats, int partitions) implements Serializable {
  /**
   * What is left out of the slices of each place.
   *
   * @param input a first reading of all slices
   * @param known documents that the data set has
   * @param places which of them a slice and those behind it have, up to the next one named; each is
   *     below {@code count}. They go to every task, so they grow with the shards, not the files
   * @return a partition for each place, which holds one map by the numbers of slices
   */
  public JavaRDD<Map<Integer, LeftOut>> leftOut(
      JavaRDD<SliceKeys> input,
      JavaRDD<KnownDocument> known,
      TreeMap<Integer, Integer> places,
      int count) {
    JavaRDD<Found> found = counts(input).union(equal(input, known));
    if (repeats.comparesTexts()) {
      found = found.union(near(input));
    }
    // A place is its own hash.
    return found
        .mapPartitionsToPair(each -> new Fates(each, places))
        .partitionBy(new HashPartitioner(count))
        .mapPartitions(of -> Stream.of(together(of)).iterator());
  }

  private static JavaRDD<Found> counts(JavaRDD<SliceKeys> input) {
    return input.map(keys -> new Found(keys.slice(), keys.end(), Fate.STAYS));
  }

  private JavaRDD<Found> equal(JavaRDD<SliceKeys> input, JavaRDD<KnownDocument> known) {
    JavaPairRDD<Occurrence, Boolean> all =
        input
            .flatMap(SliceKeys::occurrences)
            .union(known.map(Occurrence::of))
            .mapToPair(each -> new Tuple2<>(each, true));
    return all.repartitionAndSortWithinPartitions(new HashPartitioner(partitions))
        .mapPartitions(
            sorted -> {
              EqualTexts texts = new EqualTexts(repeats.duplicates());
              return left(
                  stream(sorted)
                      .map(
                          each ->
                              found(each._1().slice(), each._1().document(), texts.of(each._1()))));
            });
  }

  private JavaRDD<Found> near(JavaRDD<SliceKeys> input) {
    Bands bands = Bands.of(repeats.near());
    JavaPairRDD<Banded, byte[]> all = input.flatMapToPair(keys -> banded(keys, bands));
    return all.repartitionAndSortWithinPartitions(new HashPartitioner(partitions))
        .mapPartitions(
            sorted -> {
              NearTexts texts = new NearTexts(repeats.near());
              return left(
                  stream(sorted)
                      .map(
                          each ->
                              found(
                                  each._1().slice(),
                                  each._1().document(),
                                  texts.of(each._1(), each._2()))));
            });
  }

  private static Iterator<Tuple2<Banded, byte[]>> banded(SliceKeys keys, Bands bands) {
    return IntStream.range(0, keys.documents())
        .boxed()
        .flatMap(document -> banded(keys, document, bands))
        .iterator();
  }

  private static Stream<Tuple2<Banded, byte[]>> banded(SliceKeys keys, int document, Bands bands) {
    byte[] signature = keys.signature(document);
    if (!SliceKeys.isSigned(signature)) {
      return Stream.empty();
    }
    return IntStream.range(0, bands.count())
        .mapToObj(
            band -> new Banded(bands.bucket(signature, band), keys.slice(), keys.place(document)))
        .map(banded -> new Tuple2<>(banded, signature));
  }

  /** Null for a document that stays. */
  private static Found found(int slice, int document, Fate fate) {
    return fate == Fate.STAYS ? null : new Found(slice, document, fate);
  }

  private static Iterator<Found> left(Stream<Found> found) {
    return found.filter(Objects::nonNull).iterator();
  }

  private static <T> Stream<T> stream(Iterator<T> sorted) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(sorted, Spliterator.ORDERED), false);
  }

  private static Map<Integer, LeftOut> together(Iterator<Tuple2<Integer, int[]>> batches) {
    Map<Integer, LeftOut> left = new HashMap<>();
    batches.forEachRemaining(batch -> Fates.note(batch._2(), left));
    return left;
  }
}
