package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.uiospark.jobs.exchange.LaneExchange;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.jobs.task.NativeMemory;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.SequenceBank;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SequenceEvaluation;
import scala.Tuple2;

/** What the Spark tasks of a lane do, one in each of two stages: encode, and read. */
final class ReadingTask<O extends Serializable> implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SentModel sent;
  private final TaskData data;
  private final ChunkWork<O> work;

  /** A name that no other job has. */
  private final String name = UUID.randomUUID().toString();

  ReadingTask(SentModel sent, TaskData data, ChunkWork<O> work) {
    this.sent = sent;
    this.data = data;
    this.work = work;
  }

  /** What a lane gives: the outcome of a chunk, or the losses of the target. */
  record Outcome<O extends Serializable>(O chunk, ArrayList<Double> target)
      implements Serializable {}

  /**
   * Leaves keys and values of the memories of a chunk under its own number, and the memories that
   * stand elsewhere behind the target for the lane of that one.
   */
  Iterator<Tuple2<Integer, LanePart>> encode(ReadingLane lane) {
    if (lane.isTarget()) {
      return Collections.emptyIterator();
    }
    try {
      return NativeMemory.guard(
          () -> sent.with((model, adapter) -> encoded(lane, model, adapter)).iterator());
    } catch (InvalidInputException e) {
      // Running the task again would give the same: whoever reads the sequence says so.
      LanePart part = LanePart.refused(e.getMessage());
      return List.of(new Tuple2<>(lane.number(), part)).iterator();
    }
  }

  private List<Tuple2<Integer, LanePart>> encoded(
      ReadingLane lane, MemoryModel model, DeviceAdapter adapter) {
    SequenceChunk chunk = lane.cut(model).get(lane.place());
    List<Tuple2<Integer, LanePart>> parts = new ArrayList<>();
    long begin = System.nanoTime();
    byte[] rows =
        text(lane, model)
            .encode(
                chunk.from(),
                chunk.from() + chunk.memories(),
                adapter,
                (memory, segment) -> {
                  if (lane.text().recalls(segment)) {
                    ByteBuffer bytes = ByteBuffer.wrap(model.bytes(memory));
                    parts.add(new Tuple2<>(lane.ofTarget(), new LanePart(segment, bytes)));
                  }
                });
    parts.add(
        new Tuple2<>(
            lane.number(), new LanePart(System.nanoTime() - begin, ByteBuffer.wrap(rows))));
    return parts;
  }

  /** Reads a chunk behind all memories before it, or the target behind fewer. */
  TaskAnswer<Outcome<O>> read(ReadingLane lane, LaneExchange.Inbox memories) {
    return TaskAnswer.of(
        () ->
            lane.isTarget()
                ? sent.with(
                    (model, adapter) -> new Outcome<>(null, target(lane, model, adapter, memories)))
                : new Outcome<>(chunk(lane, memories), new ArrayList<>()));
  }

  private O chunk(ReadingLane lane, LaneExchange.Inbox memories) {
    MemoryModel model = sent.model();
    SequenceEvaluation text = text(lane, model);
    List<SequenceChunk> cut = lane.cut(model);
    int rows = (lane.text().segments() - 1) * model.segments().memoryTokens();
    try (SequenceBank bank =
        SequenceBank.take(name + "/" + lane.text().index(), sent.device(), model, rows)) {
      bank.fill(
          cut.subList(0, lane.place() + 1),
          other -> memories.one(lane.ofChunk(other), lane.ofChunk(other)));
      return work.of(
          text, cut.get(lane.place()), bank.rows(), bank.encodeNanos(lane.place()) / 1e9);
    }
  }

  private ArrayList<Double> target(
      ReadingLane lane, MemoryModel model, DeviceAdapter adapter, LaneExchange.Inbox memories) {
    SequenceEvaluation text = text(lane, model);
    List<SequenceChunk> cut = lane.cut(model);
    ArrayList<Double> losses = new ArrayList<>();
    for (int count : lane.text().counts()) {
      int from = lane.text().target() - count;
      Stream<byte[]> last =
          IntStream.range(0, cut.size())
              .filter(chunk -> cut.get(chunk).to() > from)
              .boxed()
              .flatMap(chunk -> left(memories, lane.ofChunk(chunk), lane.number()))
              .filter(part -> part.number() >= from)
              .map(LanePart::array);
      losses.add(text.behind(lane.text().target(), count, last.iterator(), adapter));
    }
    return losses;
  }

  private static Stream<LanePart> left(LaneExchange.Inbox memories, int from, int to) {
    Iterable<LanePart> parts = () -> memories.take(from, to);
    return StreamSupport.stream(parts.spliterator(), false);
  }

  private SequenceEvaluation text(ReadingLane lane, MemoryModel model) {
    return new SequenceEvaluation(model, data.sequence(lane.text().index()));
  }
}
