package org.uiospark.data.encode;

import java.io.IOException;
import java.util.Arrays;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.model.segment.TokenSequence;

/** Cuts the tokens of one document into sequences as they come; holds at most one sequence. */
public final class SequenceCutter {
  private final Cutting cutting;
  private final Objective objective;
  private final Sink sink;
  private final int[] open;
  private String docId;
  private int held;
  private long offset;
  private long sequences;

  /** Where the sequences go. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next one. */
    void write(TokenSequence sequence) throws IOException;
  }

  /** A cutter for documents that come one after the other. */
  public SequenceCutter(PrepSettings settings, Sink sink) {
    this.cutting = settings.cutting();
    this.objective = settings.objective();
    this.sink = sink;
    this.open = new int[cutting.sequenceLength()];
  }

  /**
   * Begins a document, or goes on with one; what is open of the last one is dropped.
   *
   * @param from tokens of the document that are in sequences already
   */
  public void begin(String docId, long from) {
    this.docId = docId;
    held = 0;
    offset = from;
    sequences = from / open.length;
  }

  /** Takes the next tokens of the document. */
  public void accept(int[] tokens) throws IOException {
    int taken = 0;
    while (taken < tokens.length) {
      int count = Math.min(open.length - held, tokens.length - taken);
      System.arraycopy(tokens, taken, open, held, count);
      held += count;
      taken += count;
      if (held == open.length) {
        emit();
      }
    }
  }

  /** Closes the document; returns the tokens of a tail that is too short. */
  public int end() throws IOException {
    accept(new int[] {cutting.eosTokenId()});
    // A segment that is not full is never encoded, so it cannot be reconstructed.
    int rest = objective == Objective.AE ? held % cutting.segmentLength() : 0;
    held -= rest;
    // One token alone predicts nothing.
    if (held > 1 && cutting.segments(held) >= cutting.minSegments()) {
      emit();
    }
    return held + rest;
  }

  /** Sequences of the document so far. */
  public long sequences() {
    return sequences;
  }

  /** Tokens in the sequences of the document so far. */
  public long tokens() {
    return offset;
  }

  private void emit() throws IOException {
    sink.write(TokenSequence.of(docId, offset, Arrays.copyOf(open, held)));
    offset += held;
    held = 0;
    sequences++;
  }
}
