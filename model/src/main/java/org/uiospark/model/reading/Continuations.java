package org.uiospark.model.reading;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.kernel.StreamRows;
import org.uiospark.model.kernel.StreamRows.Place;

/**
 * Texts that are continued together, a token of each at a time: products of some rows take hardly
 * longer than those of one. A text may begin or end between any two tokens. Those that are asked of
 * one memorized text share its memories and the tokens behind them that its reader has read, and
 * have for themselves what they read behind those.
 *
 * <p>Greedy answers are those of {@link TextGenerator}; the last digits of logits depend on how
 * many rows a product has, so bits are the same only where the same texts go together. One thread
 * at a time.
 */
public final class Continuations implements AutoCloseable {
  private final MemoryModel model;
  private final SegmentEncoder encoder;
  private final StreamRows rows;
  private final int segmentLength;

  /** By their slots, which have no gaps. */
  private final List<Stream> running = new ArrayList<>();

  /** A text in its slot. */
  private static final class Stream {
    final Continuation text;
    final MemoryReader reader;

    /** Rows of the bank that it sees. */
    int behind;

    /** Tokens of its segment, those that are shared with others first. */
    final int[] waiting;

    int shared;
    int tokens;
    int memories;
    RuntimeException failure;

    Stream(Continuation text, MemoryReader reader, int behind, int shared, int segmentLength) {
      this.text = text;
      this.reader = reader;
      this.behind = behind;
      this.shared = shared;
      this.waiting = new int[segmentLength];
    }

    Place place() {
      return new Place(reader.bank(), behind, shared, memories, tokens - shared);
    }

    /** From now on it shares no tokens with others. */
    void part() {
      behind -= shared;
      shared = 0;
    }

    /** Rows of its slot. */
    int own() {
      return memories + tokens - shared;
    }
  }

  /**
   * A text that goes on no further.
   *
   * @param text what came of it
   * @param failure why it ends before its end; null if it does not
   */
  public record Ended(Continuation text, RuntimeException failure) {
    /** Throws what kept it from its end, if something did. */
    public void orThrow() {
      if (failure != null) {
        throw failure;
      }
    }
  }

  /**
   * @param adapter stays open when this closes
   */
  public Continuations(MemoryModel model, DeviceAdapter adapter) {
    this.model = model;
    this.encoder = new SegmentEncoder(model, adapter);
    this.rows = new StreamRows(model);
    this.segmentLength = model.segments().segmentLength();
  }

  /**
   * Begins to continue a text: reads the rest of its prompt, by itself, and chooses the first
   * token.
   *
   * @param reader stands behind the whole segments of the text, or within the next one, whose
   *     tokens so far are then shared; it does again afterwards. It may serve any number of texts,
   *     stays open, and reads nothing else until they ended
   * @param rest of the prompt behind the whole segments, at least one token more than the reader
   *     has read of it
   * @return whether it goes on; if not, all of it is there
   */
  public boolean begin(MemoryReader reader, int[] rest, Continuation text) {
    int segments = reader.segments();
    int[] shared = reader.residual();
    int behind = reader.bank().rows();
    if (shared.length > rest.length
        || !Arrays.equals(shared, 0, shared.length, rest, 0, shared.length)) {
      throw new IllegalArgumentException("the reader has read another text");
    }
    try {
      text.choose(reader.read(Arrays.copyOfRange(rest, shared.length, rest.length)));
      if (!text.isDone()) {
        Stream stream = new Stream(text, reader, behind, shared.length, segmentLength);
        if (reader.segments() > segments) {
          stream.part();
        }
        int[] waiting = reader.residual();
        System.arraycopy(waiting, 0, stream.waiting, 0, waiting.length);
        stream.tokens = waiting.length;
        stream.memories = (reader.segments() - segments) * model.segments().memoryTokens();
        rows.require(running.size() + 1, stream.own() + 1);
        rows.fill(reader.bank(), stream.behind, stream.own(), running.size(), 0);
        running.add(stream);
      }
    } finally {
      reader.rewind(segments, shared);
    }
    return !text.isDone();
  }

  /** Texts that go on. */
  public int size() {
    return running.size();
  }

  /**
   * Chooses one more token of each text. What fails for one of them ends that one alone.
   *
   * @return those that end here
   */
  public List<Ended> advance() {
    if (running.isEmpty()) {
      return List.of();
    }
    int[] tokens = running.stream().mapToInt(stream -> stream.text.last()).toArray();
    int longest = running.stream().mapToInt(Stream::own).max().orElseThrow();
    rows.require(running.size(), longest + 1);
    float[][] logits = rows.next(tokens, running.stream().map(Stream::place).toList());
    for (int slot = 0; slot < tokens.length; slot++) {
      Stream stream = running.get(slot);
      stream.waiting[stream.tokens++] = tokens[slot];
      try {
        stream.text.choose(MemoryReader.finite(logits[slot]));
        if (!stream.text.isDone() && stream.tokens == segmentLength) {
          compress(stream, slot);
        }
      } catch (RuntimeException e) {
        stream.failure = e;
      }
    }
    return removeEnded();
  }

  /** The tokens of a whole segment give way to its memory, and from then on it shares none. */
  private void compress(Stream stream, int slot) {
    int memoryTokens = model.segments().memoryTokens();
    stream.part();
    try (MemoryBank memory = model.bank(stream.behind + stream.memories, memoryTokens)) {
      encoder.append(stream.waiting, 0, 1, memory);
      rows.require(running.size(), stream.memories + memoryTokens);
      rows.fill(memory, 0, memoryTokens, slot, stream.memories);
    }
    stream.memories += memoryTokens;
    stream.tokens = 0;
  }

  /** The last stream takes the slot of one that ends. */
  private List<Ended> removeEnded() {
    List<Ended> ended = new ArrayList<>();
    for (int slot = running.size() - 1; slot >= 0; slot--) {
      Stream stream = running.get(slot);
      if (stream.failure != null || stream.text.isDone()) {
        ended.add(new Ended(stream.text, stream.failure));
        int last = running.size() - 1;
        Stream moved = running.remove(last);
        if (slot < last) {
          rows.move(last, moved.own(), slot);
          running.set(slot, moved);
        }
      }
    }
    return ended;
  }

  @Override
  public void close() {
    rows.close();
  }
}
