package org.uiospark.model.reading;

import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.optim.Chunks;
import org.uiospark.model.segment.NonFiniteException;

/**
 * A reader that never runs out of window: tokens go in, the logits of the next token come out.
 *
 * <p>Tokens wait in a KV cache; as soon as they fill a segment they are compressed into its
 * memories and their cache is dropped (arXiv 2406.18173, section 3.2). One thread at a time.
 */
public final class MemoryReader implements TokenReader {
  /** Segments whose memories find room behind those that are there. */
  private static final int SPARE = 16;

  private final MemoryModel model;
  private final SegmentEncoder encoder;
  private final int segmentLength;
  private final int[] residual;
  private MemoryBank bank;
  private int waiting;
  private int cached;

  /**
   * @param model what reads
   * @param adapter stays open when this closes
   */
  public MemoryReader(MemoryModel model, DeviceAdapter adapter) {
    this.model = model;
    this.encoder = new SegmentEncoder(model, adapter);
    this.segmentLength = model.segments().segmentLength();
    this.residual = new int[segmentLength];
    this.bank = model.bank(rows(SPARE) + segmentLength);
  }

  private int rows(int segments) {
    return segments * model.segments().memoryTokens();
  }

  /**
   * Begins behind whole segments that are encoded elsewhere, before any token is read. Their
   * memories are to be {@link #put} before the first token is.
   */
  public void begin(int segments) {
    int room = rows(segments + SPARE) + segmentLength;
    if (room > bank.capacity()) {
      MemoryBank larger = model.bank(room);
      bank.close();
      bank = larger;
    }
    bank.stand(rows(segments));
  }

  /**
   * Forgets what was read behind the first segments, whose memories are there, and some tokens.
   *
   * @param tokens that were read behind those; they are read again where they gave way to a memory
   */
  void rewind(int segments, int[] tokens) {
    if (segments() == segments) {
      waiting = tokens.length;
      cached = tokens.length;
      bank.truncate(rows(segments) + tokens.length);
      return;
    }
    bank.stand(rows(segments));
    waiting = 0;
    cached = 0;
    readAhead(tokens);
  }

  /** Reads tokens that more follow, or none. */
  public void readAhead(int[] ids) {
    if (ids.length > 0) {
      read(ids);
    }
  }

  /**
   * Puts memories that were encoded elsewhere.
   *
   * @param segment the first of them
   * @param memories as {@link SegmentEncoder#encode} gave them
   * @param precision of the base there
   */
  public void put(int segment, byte[] memories, BasePrecision precision) {
    bank.put(rows(segment), memories, precision);
  }

  /**
   * Puts some rows of one tensor, as {@link MemoryBank#put(int, int, ByteBuffer, BasePrecision)}.
   */
  public void put(int tensor, int row, ByteBuffer rows, BasePrecision precision) {
    bank.put(tensor, row, rows, precision);
  }

  /**
   * Reads tokens.
   *
   * @param ids at least one token
   * @return logits of the token after the last, {@code [vocabulary]}
   * @throws NonFiniteException if any of them is not finite
   */
  @Override
  public float[] read(int... ids) {
    requireTokens(ids);
    int whole = (waiting + ids.length) / segmentLength;
    growFor(bank.rows() - cached + rows(whole) + segmentLength);
    float[] logits = null;
    int next = 0;
    while (next < ids.length) {
      int atOnce = waiting == 0 ? segmentsAtOnce(ids.length - next) : 0;
      if (atOnce > 0) {
        encoder.append(ids, next, atOnce, bank);
        next += atOnce * segmentLength;
        continue;
      }
      int size = Math.min(segmentLength - waiting, ids.length - next);
      System.arraycopy(ids, next, residual, waiting, size);
      waiting += size;
      next += size;
      // A segment that more text follows is only compressed: nobody asks for its logits.
      if (next == ids.length) {
        logits = decodeWaiting();
      }
      if (waiting == segmentLength) {
        bank.truncate(bank.rows() - cached);
        encoder.append(residual, 0, 1, bank);
        waiting = 0;
        cached = 0;
      }
    }
    return logits;
  }

  private void requireTokens(int[] ids) {
    if (ids.length == 0) {
      throw new InvalidInputException("there is no token to read; give a prompt");
    }
    for (int id : ids) {
      if (id < 0 || id >= model.base().config().vocabSize()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "token %d is outside the model's vocabulary of %d",
                id,
                model.base().config().vocabSize()));
      }
    }
  }

  private float[] decodeWaiting() {
    try (NDManager scratch = model.base().newManager()) {
      float[] logits =
          bank.extend(MemoryModel.tokens(scratch, residual, cached, waiting)).toFloatArray();
      cached = waiting;
      return finite(logits);
    }
  }

  /** Not a number is never the largest: a choice among such would be token 0, for ever. */
  static float[] finite(float[] logits) {
    if (!Chunks.finite(logits, 0, logits.length)) {
      throw new NonFiniteException(
          "the logits of the next token are not finite; check the weights of the model and of the adapter");
    }
    return logits;
  }

  /** Whole segments that more text follows. */
  private int segmentsAtOnce(int tokens) {
    return Math.min((tokens - 1) / segmentLength, encoder.atOnce());
  }

  /** By a quarter at least: a text that goes on token by token is copied now and then. */
  private void growFor(int rows) {
    if (rows > bank.capacity()) {
      int more = Math.max(rows(SPARE), bank.capacity() / 4);
      MemoryBank larger = model.bank(Math.max(rows, bank.capacity() + more));
      larger.copyFrom(bank);
      bank.close();
      bank = larger;
    }
  }

  /**
   * Reads whole segments that more text follows, before any other token is read.
   *
   * @param ids at least one token of the model's vocabulary
   * @return those behind the segments, which are to be read next, at least one
   */
  public int[] compress(int[] ids) {
    requireTokens(ids);
    int whole = (ids.length - 1) / segmentLength;
    growFor(bank.rows() + rows(whole) + segmentLength);
    int next = 0;
    for (int atOnce = segmentsAtOnce(ids.length); atOnce > 0; ) {
      encoder.append(ids, next, atOnce, bank);
      next += atOnce * segmentLength;
      atOnce = segmentsAtOnce(ids.length - next);
    }
    return Arrays.copyOfRange(ids, next, ids.length);
  }

  /** Whole segments that were read. */
  int segments() {
    return (bank.rows() - cached) / model.segments().memoryTokens();
  }

  /** Holds the memories of those, and behind them rows of tokens. */
  MemoryBank bank() {
    return bank;
  }

  /** Rows of memories and tokens that there is room for. */
  public int capacity() {
    return bank.capacity();
  }

  /** Tokens that wait for their segment to fill. */
  public int[] residual() {
    return Arrays.copyOf(residual, waiting);
  }

  @Override
  public void close() {
    bank.close();
  }
}
