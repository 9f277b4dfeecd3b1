package org.uiospark.data.copies;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import scala.Tuple2;

/**
 * What becomes of documents, on its way to the places of their slices: in batches of three numbers
 * a document, for an object each is many times as long in a shuffle.
 */
final class Fates implements Iterator<Tuple2<Integer, int[]>> {
  private static final int NUMBERS = 3;
  private static final int BATCH = 256 * NUMBERS;
  private static final Fate[] NAMES = Fate.values();

  private final Iterator<Found> found;
  private final TreeMap<Integer, Integer> places;
  private final Map<Integer, Batch> open = new HashMap<>();

  /** A document of a slice; with {@link Fate#STAYS} the end of a page of the slice. */
  record Found(int slice, int document, Fate fate) {}

  private static final class Batch {
    private int[] numbers = new int[NUMBERS];
    private int length;

    private void add(Found each) {
      if (length == numbers.length) {
        numbers = Arrays.copyOf(numbers, Math.min(2 * length, BATCH));
      }
      numbers[length++] = each.slice();
      numbers[length++] = each.document();
      numbers[length++] = each.fate().ordinal();
    }
  }

  /**
   * @param places of a slice and those behind it, up to the next one named
   */
  Fates(Iterator<Found> found, TreeMap<Integer, Integer> places) {
    this.found = found;
    this.places = places;
  }

  @Override
  public boolean hasNext() {
    return found.hasNext() || !open.isEmpty();
  }

  @Override
  public Tuple2<Integer, int[]> next() {
    while (found.hasNext()) {
      Found each = found.next();
      Integer place = places.floorEntry(each.slice()).getValue();
      Batch batch = open.computeIfAbsent(place, key -> new Batch());
      batch.add(each);
      if (batch.length == BATCH) {
        return closed(place);
      }
    }
    if (open.isEmpty()) {
      throw new NoSuchElementException();
    }
    return closed(open.keySet().iterator().next());
  }

  private Tuple2<Integer, int[]> closed(Integer place) {
    Batch batch = open.remove(place);
    return new Tuple2<>(place, Arrays.copyOf(batch.numbers, batch.length));
  }

  /** Takes note of a batch. */
  static void note(int[] batch, Map<Integer, LeftOut> left) {
    for (int i = 0; i < batch.length; i += NUMBERS) {
      left.computeIfAbsent(batch[i], slice -> LeftOut.nothing())
          .add(batch[i + 1], NAMES[batch[i + 2]]);
    }
  }
}
