package org.uiospark.jobs.train.step;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.uiospark.jobs.exchange.LaneExchange;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.jobs.task.SequenceBank;
import org.uiospark.model.gradient.ChunkGradient;
import org.uiospark.model.gradient.DecodedChunk;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.AdapterGradient;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.segment.NonFiniteException;
import org.uiospark.model.segment.TokenSequence;
import scala.Tuple2;

/**
 * What Spark tasks do for a chunk of a sequence, a task in each of three stages: encode, decode,
 * and back (see {@link ChunkGradient}). Lanes of whole sequences have nothing to do in the first
 * two.
 *
 * <p>The result follows from the lane, the step and the adapter alone, as that of {@link LaneTask}.
 */
final class ChunkTask implements Serializable {
  private static final long serialVersionUID = 1L;

  private final LaneContext context;

  ChunkTask(LaneContext context) {
    this.context = context;
  }

  /** Leaves the memories of the chunk for whoever decodes behind them, under its own number. */
  Iterator<Tuple2<Integer, LanePart>> encode(Lane lane) {
    if (lane.isWhole()) {
      return Collections.emptyIterator();
    }
    try {
      return context.guard(
          () -> {
            long begin = System.nanoTime();
            Chunk chunk = open(lane);
            byte[] memories = chunk.gradient().encode(context.adapter().adapter());
            LanePart part = new LanePart(System.nanoTime() - begin, ByteBuffer.wrap(memories));
            return List.of(new Tuple2<>(lane.number(), part)).iterator();
          });
    } catch (InvalidInputException e) {
      // Running the task again would give the same: whoever decodes the sequence tells the driver.
      LanePart part = LanePart.refused(e.getMessage());
      return List.of(new Tuple2<>(lane.number(), part)).iterator();
    }
  }

  /**
   * Leaves for this lane its report, and for it and each chunk before it what this one wants of its
   * memories.
   */
  Iterator<Tuple2<Integer, LanePart>> decode(Lane lane, LaneExchange.Inbox memories) {
    if (lane.isWhole()) {
      return Collections.emptyIterator();
    }
    try {
      return context.guard(() -> decoded(lane, open(lane), memories));
    } catch (InvalidInputException e) {
      return List.of(reported(lane, LaneReport.refused(e.getMessage()))).iterator();
    }
  }

  private Iterator<Tuple2<Integer, LanePart>> decoded(
      Lane lane, Chunk chunk, LaneExchange.Inbox memories) {
    SequenceBank bank = context.bank(chunk.model(), lane.sequence(), chunk.rows());
    bank.fill(
        chunk.cut().subList(0, lane.chunk() + 1),
        other -> memories.one(lane.ofChunk(other), lane.ofChunk(other)));
    long begin = System.nanoTime();
    try {
      DecodedChunk decoded =
          chunk
              .gradient()
              .decode(
                  bank.rows(),
                  context.weights(chunk.sequence(), lane.sequence()),
                  context.distillation());
      LaneContext.atEnd(decoded::close);
      chunk.model().base().await();
      LaneReport report =
          report(
              lane,
              chunk,
              decoded.loss().sum(),
              decoded.loss().validLabels(),
              bank.encodeNanos(lane.chunk()) + System.nanoTime() - begin);
      return Stream.concat(
              Stream.of(reported(lane, report)),
              IntStream.rangeClosed(0, lane.chunk())
                  .mapToObj(other -> wanted(decoded, lane.ofChunk(other), chunk.cut().get(other))))
          .iterator();
    } catch (NonFiniteException e) {
      // The driver names the sequence, and does not update the adapter.
      return List.of(reported(lane, report(lane, chunk, Double.NaN, 0, 0))).iterator();
    }
  }

  /** Spark asks for the bytes while it writes them, when the task has done all else. */
  private Tuple2<Integer, LanePart> wanted(DecodedChunk decoded, int lane, SequenceChunk chunk) {
    return new Tuple2<>(
        lane, new LanePart(0, () -> context.guard(() -> ByteBuffer.wrap(decoded.towards(chunk)))));
  }

  /** Leaves the gradient of the chunk for the reduce; computes a lane of whole sequences. */
  Iterator<Tuple2<Integer, LanePart>> back(Lane lane, LaneExchange.Inbox towards) {
    if (lane.isWhole()) {
      return new LaneTask(context).gradient(lane);
    }
    // The first part of a lane for itself is its report.
    Iterator<LanePart> own = towards.take(lane.number(), lane.number());
    LaneReport report = LaneReport.decode(own.next().array());
    if (!report.isUseful()) {
      return context.parts(lane, report, Optional.empty());
    }
    try {
      return context.guard(() -> back(lane, report, own, towards));
    } catch (InvalidInputException e) {
      return context.parts(lane, LaneReport.refused(e.getMessage()), Optional.empty());
    }
  }

  private Iterator<Tuple2<Integer, LanePart>> back(
      Lane lane, LaneReport report, Iterator<LanePart> own, LaneExchange.Inbox towards) {
    Chunk chunk = open(lane);
    AdapterGradient gradient = context.gradient();
    long begin = System.nanoTime();
    Stream<LanePart> later =
        IntStream.range(lane.chunk() + 1, lane.chunks())
            .boxed()
            .flatMap(other -> stream(towards.take(lane.ofChunk(other), lane.number())));
    chunk
        .gradient()
        .back(
            Stream.concat(stream(own), later).map(LanePart::array).iterator(),
            context.weights(chunk.sequence(), lane.sequence()),
            gradient);
    chunk.model().base().await();
    return context.parts(lane, report.after(System.nanoTime() - begin), Optional.of(gradient));
  }

  private static Stream<LanePart> stream(Iterator<LanePart> parts) {
    return Stream.iterate(parts, Iterator::hasNext, same -> same).map(Iterator::next);
  }

  private static Tuple2<Integer, LanePart> reported(Lane lane, LaneReport report) {
    return new Tuple2<>(lane.number(), new LanePart(0, ByteBuffer.wrap(report.encode())));
  }

  private LaneReport report(Lane lane, Chunk chunk, double loss, long labels, long nanos) {
    LaneReport report = new LaneReport(new ArrayList<>(), null);
    report
        .sequences()
        .add(
            new LaneReport.Sequence(
                context.name(chunk.sequence(), lane.sequence()),
                context.objective(lane.sequence()),
                loss,
                labels,
                chunk.tokens(lane.chunk()),
                nanos));
    return report;
  }

  /** The chunk of a lane, with its sequence. */
  private Chunk open(Lane lane) {
    MemoryModel model = context.model(lane.sequence());
    TokenSequence sequence = context.sequence(lane.sequence());
    List<SequenceChunk> cut =
        SequenceChunk.cut(
            sequence.segments(model.segments().segmentLength()), lane.chunks(), model);
    return new Chunk(
        model,
        sequence,
        cut,
        new ChunkGradient(model, context.graphMemory(), sequence, cut.get(lane.chunk())));
  }

  private record Chunk(
      MemoryModel model, TokenSequence sequence, List<SequenceChunk> cut, ChunkGradient gradient) {
    /** Rows of the bank of the whole sequence. */
    int rows() {
      return (cut.get(0).segments() - 1) * model.segments().memoryTokens();
    }

    long tokens(int chunk) {
      int length = model.segments().segmentLength();
      SequenceChunk part = cut.get(chunk);
      return Math.min(part.to() * (long) length, sequence.inputIds().length)
          - part.from() * (long) length;
    }
  }
}
