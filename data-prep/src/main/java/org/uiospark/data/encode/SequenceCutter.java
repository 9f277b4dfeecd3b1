package org.uiospark.data.encode;

import java.io.IOException;
import java.util.Arrays;
import org.uiospark.data.dataset.ArrowSequenceWriter;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;

/** Cuts the tokens of one document into sequences as they come; holds at most one sequence. */
public final class SequenceCutter {
  private final PrepSettings settings;
  private final ArrowSequenceWriter writer;
  private final int[] open;
  private String docId;
  private int held;
  private long offset;
  private long sequences;

  public SequenceCutter(PrepSettings settings, ArrowSequenceWriter writer) {
    this.settings = settings;
    this.writer = writer;
    this.open = new int[settings.sequenceLength()];
  }

  public void begin(String docId) {
    this.docId = docId;
    held = 0;
    offset = 0;
    sequences = 0;
  }

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
    accept(new int[] {settings.eosTokenId()});
    // A segment that is not full is never encoded, so it cannot be reconstructed.
    int rest = settings.objective() == Objective.AE ? held % settings.segmentLength() : 0;
    held -= rest;
    int segments = (held + settings.segmentLength() - 1) / settings.segmentLength();
    // One token alone predicts nothing.
    if (held > 1 && segments >= settings.minSegments()) {
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
    int[] ids = Arrays.copyOf(open, held);
    writer.write(docId, offset, ids, ids);
    offset += held;
    held = 0;
    sequences++;
  }
}
