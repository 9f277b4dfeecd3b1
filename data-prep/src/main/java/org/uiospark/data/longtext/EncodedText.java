package org.uiospark.data.longtext;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A long text of which every part has its tokens.
 *
 * @param parts in order
 */
public record EncodedText(LongText text, List<PartEncoder.Encoded> parts) {
  /**
   * The texts that parts make up, but for those that have to be encoded as a whole.
   *
   * @param parts of each text together, in order
   */
  public static List<EncodedText> of(List<PartEncoder.Encoded> parts) {
    Map<LongText, List<PartEncoder.Encoded>> texts = new LinkedHashMap<>();
    parts.forEach(
        each -> texts.computeIfAbsent(each.part().text(), text -> new ArrayList<>()).add(each));
    return texts.entrySet().stream()
        .filter(each -> each.getValue().stream().noneMatch(PartEncoder.Encoded::isWhole))
        .map(each -> new EncodedText(each.getKey(), each.getValue()))
        .toList();
  }

  /**
   * What each part writes.
   *
   * @param sequence tokens of a full sequence
   */
  public List<PartTokens> sequences(int sequence) {
    long[] starts = new long[parts.size() + 1];
    for (int i = 0; i < parts.size(); i++) {
      starts[i + 1] = starts[i] + parts.get(i).tokens();
    }
    return IntStream.range(0, parts.size()).mapToObj(i -> part(i, starts, sequence)).toList();
  }

  private PartTokens part(int number, long[] starts, int sequence) {
    boolean last = number == parts.size() - 1;
    long from = begin(number, starts, sequence);
    long to = last ? starts[number + 1] : begin(number + 1, starts, sequence);
    ArrayList<String> files = new ArrayList<>();
    long skipped = 0;
    for (int i = 0; i < parts.size() && from < to; i++) {
      if (starts[i + 1] > from && starts[i] < to && starts[i + 1] > starts[i]) {
        skipped = files.isEmpty() ? from - starts[i] : skipped;
        files.add(parts.get(i).file());
      }
    }
    return new PartTokens(text, from, to, last, files, skipped);
  }

  /** The first token of the first sequence that begins in a part; the last part has the tail. */
  private static long begin(int number, long[] starts, int sequence) {
    long all = starts[starts.length - 1];
    long next = (starts[number] + sequence - 1) / sequence * sequence;
    return Math.min(next, all - all % sequence);
  }
}
