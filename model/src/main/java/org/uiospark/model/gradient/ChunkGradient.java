package org.uiospark.model.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.uiospark.model.estimator.PairWeights;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.EncodedSegments;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentEncoder;
import org.uiospark.model.reading.SegmentLosses;
import org.uiospark.model.reading.SegmentReader;
import org.uiospark.model.reading.SequenceTokens;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.TokenSequence;

/**
 * Back-propagation through time over one chunk of a sequence, in three passes between which nothing
 * but bytes goes from machine to machine: encode, decode, and back.
 *
 * <p>A memory depends on its own segment only. So all chunks encode at once, then decode at once,
 * each behind the memories of those before it, which gives what it wants of each of them; and then
 * each chunk goes back with what it and all later ones want, added in their order. It is the
 * gradient of {@link SequenceGradient}, by the same kernels; float sums differ in their last bits.
 */
public final class ChunkGradient {
  private final MemoryModel model;
  private final SegmentReader reader;
  private final SequenceChunk chunk;
  private final long graphMemory;
  private final int memoryTokens;

  /**
   * @param graphMemory bytes for encoder graphs of segments that are back-propagated at once; one
   *     segment is whatever it takes
   * @param sequence the whole of it
   * @param chunk what of it
   * @throws InvalidInputException if no label of the sequence counts, or a token is outside the
   *     vocabulary
   */
  public ChunkGradient(
      MemoryModel model, long graphMemory, TokenSequence sequence, SequenceChunk chunk) {
    this.model = model;
    this.graphMemory = graphMemory;
    this.reader = SequenceGradient.reader(model, sequence);
    this.chunk = chunk;
    this.memoryTokens = model.segments().memoryTokens();
  }

  /**
   * First pass: encodes the segments and runs the transfer head.
   *
   * @return keys and values of their memories, as {@link MemoryBank#put} takes them
   */
  public byte[] encode(DeviceAdapter adapter) {
    int end = chunk.from() + chunk.memories();
    return new SegmentEncoder(model, adapter)
        .encode(reader, chunk.from(), end, (memory, segment) -> {});
  }

  /**
   * Second pass: decodes the segments and back-propagates each at once.
   *
   * @param bank holds at least the memories of this chunk and those before it
   * @param weights drawn by an estimator for the sequence
   * @param distillation what is mixed into the cross-entropy, if anything
   * @throws NonFiniteException if a loss is not finite
   */
  public DecodedChunk decode(
      MemoryBank bank, PairWeights weights, Optional<Distillation> distillation) {
    int memories = chunk.from() + chunk.memories();
    MemoryBank view = bank.view();
    PairSums sums = new PairSums(model, view, weights, memories * memoryTokens);
    try (NDManager device = model.base().newManager();
        SequenceTokens tokens = new SequenceTokens(device, reader);
        SegmentLosses losses = new SegmentLosses(device);
        SegmentLoss segmentLoss = SegmentLoss.of(model, distillation, reader, tokens)) {
      for (int t = chunk.from(); t < chunk.to(); t++) {
        if (!reader.hasLabels(t)) {
          losses.addNone();
          continue;
        }
        try (NDManager scratch = device.newSubManager()) {
          NDArray ids = tokens.ids(scratch, t, t + 1);
          NDArray targets = tokens.targets(scratch, t);
          view.stand(t * memoryTokens);
          losses.add(t == 0 ? view.loss(ids, targets) : sums.add(t, ids, targets, segmentLoss));
        }
      }
      List<Double> found = losses.values();
      return new DecodedChunk(
          reader.loss(chunk.from(), chunk.from() == 0 ? segmentLoss.ofSequence(found) : found),
          view,
          sums);
    } catch (RuntimeException e) {
      sums.close();
      view.close();
      throw e;
    }
  }

  /**
   * Third pass: through transfer head and encoder.
   *
   * @param towards what this chunk and each later one want of its memories, in their order, as
   *     {@link DecodedChunk#towards} gave it
   * @param weights as in the second pass
   * @param gradient of the adapter, added to
   */
  public void back(Iterator<byte[]> towards, PairWeights weights, AdapterGradient gradient) {
    if (chunk.memories() == 0) {
      return;
    }
    // At their positions in the sequence.
    try (MemoryBank bank =
            model.bank(chunk.from() * memoryTokens, chunk.memories() * memoryTokens);
        PairSums sums = new PairSums(model, bank, weights, chunk.from(), bank.capacity())) {
      while (towards.hasNext()) {
        sums.add(towards.next());
      }
      long graphs = SegmentBatch.graphs(model, graphMemory);
      for (SegmentBatch batch : SegmentBatch.ofChunk(model.atOnce(), weights, chunk, graphs)) {
        try (NDManager scratch = model.base().newManager()) {
          NDArray ids = reader.idsFrom(scratch, reader.start(batch.from()), batch.to() - 1);
          // Memories do not wait for this pass, so those that are not back-propagated are encoded
          // again as well: the transfer head learns from them.
          EncodedSegments encoded =
              batch.tape() == SegmentBatch.Tape.NONE
                  ? EncodedSegments.withoutTape(model.encode(ids, gradient.adapter()))
                  : model.encodeWithTape(ids, gradient.adapter());
          sums.propagate(batch.from(), encoded, gradient);
        }
      }
    }
  }
}
