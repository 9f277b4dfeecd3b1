package org.uiospark.data.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.flatbuf.Schema;
import org.uiospark.data.dataset.StreamFooter.BatchStart;
import org.uiospark.data.dataset.StreamLayout.Batch;
import org.uiospark.data.dataset.StreamLayout.Slice;
import org.uiospark.data.dataset.VerifiedBlocks.Range;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/**
 * One Arrow stream on another machine: of a sequence come the header of its record batch, its ends,
 * and what lies between them.
 */
final class RangedSequences implements SequenceFile {
  /** Bytes in which a schema or the header of a batch lies, as a rule. */
  private static final int HEADER = BlockTree.BLOCK;

  private final VerifiedBlocks blocks;
  private final long rows;
  private final AtomicReferenceArray<Batch> batches;
  private final ConcurrentHashMap<Long, CompletableFuture<TokenSequence>> reading =
      new ConcurrentHashMap<>();
  private volatile StreamLayout layout;

  /**
   * Reads nothing yet.
   *
   * @param rows of the file
   */
  RangedSequences(VerifiedBlocks blocks, long rows) {
    this.blocks = blocks;
    this.rows = rows;
    this.batches = new AtomicReferenceArray<>(blocks.batches().size());
  }

  @Override
  public long rows() {
    return rows;
  }

  /** Threads that want the same one at a time, as the chunks of a sequence do, read it once. */
  @Override
  public TokenSequence sequence(long row) throws IOException {
    CompletableFuture<TokenSequence> mine = new CompletableFuture<>();
    CompletableFuture<TokenSequence> before = reading.putIfAbsent(row, mine);
    if (before != null) {
      try {
        return before.get();
      } catch (ExecutionException e) {
        // That thread may have been interrupted, which is not this one's failure.
        return read(row);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while another thread read row " + row, e);
      }
    }
    try {
      TokenSequence read = read(row);
      mine.complete(read);
      return read;
    } finally {
      reading.remove(row);
      mine.completeExceptionally(new IOException("row " + row + " was not read"));
    }
  }

  private TokenSequence read(long row) throws IOException {
    List<BatchStart> starts = blocks.batches();
    int at = StreamLayout.batchOf(row, starts.size(), i -> starts.get(i).firstRow());
    try {
      Batch batch = batch(at, starts.get(at).position());
      long i = row - starts.get(at).firstRow();
      if (i >= batch.rows()) {
        throw new IllegalArgumentException("row " + row + " is in none of its batches");
      }
      return layout.row(batch, (int) i);
    } catch (InvalidInputException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw blocks.damaged(e.getMessage(), e);
    } catch (RuntimeException e) {
      // Flatbuffers has no exception of its own for a header that points out of itself.
      throw blocks.damaged(
          String.format(Locale.ROOT, "row %d, or a header before it, is not whole", row), e);
    }
  }

  private Batch batch(int index, long position) throws IOException {
    Batch batch = batches.get(index);
    if (batch != null) {
      return batch;
    }
    // Both in one go; they stay in the cache until they are looked at.
    List<Range> headers = new ArrayList<>(List.of(header(position)));
    if (layout == null) {
      headers.add(header(0));
    }
    blocks.read(headers);
    if (layout == null) {
      layout =
          new StreamLayout((Schema) message(0, MessageHeader.Schema).header().header(new Schema()));
    }
    ArrowMessage message = message(position, MessageHeader.RecordBatch);
    batch =
        layout.batch(
            (RecordBatch) message.header().header(new RecordBatch()),
            message.bodyLength(),
            slices -> body(message.body(), slices));
    batches.set(index, batch);
    return batch;
  }

  private Range header(long position) {
    return new Range(position, (int) Math.min(HEADER, blocks.stream() - position));
  }

  private ArrowMessage message(long position, byte type) throws IOException {
    ArrowMessage message =
        ArrowMessage.at(
                position,
                blocks.stream(),
                (at, length) -> blocks.read(List.of(new Range(at, length))).get(0))
            .orElseThrow(() -> new IllegalArgumentException("it ends at byte " + position));
    if (message.header().headerType() != type) {
      throw message.misplaced(position);
    }
    return message;
  }

  private List<ByteBuffer> body(long start, List<Slice> slices) throws IOException {
    return blocks.read(
        slices.stream().map(slice -> new Range(start + slice.from(), slice.length())).toList());
  }
}
