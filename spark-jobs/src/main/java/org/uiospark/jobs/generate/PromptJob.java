package org.uiospark.jobs.generate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.SegmentEncoder;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * The Spark job that encodes a long prompt: memories are independent, so each task takes some of
 * its segments. Their keys and values go to the reader of the driver one piece after the other, and
 * nothing else grows with the prompt.
 */
final class PromptJob {
  /** Segments a task at most; what each piece holds follows from prompt and model alone. */
  private static final int PIECE = 8;

  /** Fewer segments are read by the driver before a cluster has started. */
  private static final int FEWEST = 64;

  private final int[] ids;
  private final int segmentLength;
  private final int pieceSegments;

  /** Tokens of some segments, the first of which is the given one of the prompt. */
  private record Piece(int first, int[] ids) implements Serializable {}

  /** Keys and values of the memories of a piece, in the type of the base there. */
  private record Memories(int first, byte[] rows, BasePrecision precision)
      implements Serializable {}

  PromptJob(int[] ids, MemoryModel model) {
    this.ids = ids;
    this.segmentLength = model.segments().segmentLength();
    this.pieceSegments =
        MemoryLayout.of(model).pieceSegments(model.segments().memoryTokens(), PIECE);
  }

  /** Whole segments that more text follows. */
  int segments() {
    return (ids.length - 1) / segmentLength;
  }

  /** Whether the prompt is long enough for a job. */
  boolean isWorthwhile() {
    return segments() >= FEWEST;
  }

  /** What is left to be read behind the segments. */
  int[] rest() {
    return Arrays.copyOfRange(ids, segments() * segmentLength, ids.length);
  }

  /**
   * Has a reader begin behind all segments.
   *
   * @throws InvalidInputException if a task refuses its piece
   */
  void encode(JavaSparkContext spark, SentAdapter adapter, MemoryReader reader) {
    List<Piece> pieces = pieces();
    Into into = new Into(reader);
    reader.begin(segments());
    spark
        .sc()
        .runJob(
            spark.parallelize(pieces, pieces.size()).rdd(),
            new Task(adapter.model()),
            into,
            ClassTag$.MODULE$.apply(TaskAnswer.class));
    if (into.refusal != null) {
      throw new InvalidInputException(into.refusal);
    }
  }

  /** How many tasks the job has. */
  int tasks() {
    return (segments() - 1) / pieceSegments + 1;
  }

  private List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    for (int from = 0; from < segments(); from += pieceSegments) {
      int to = Math.min(from + pieceSegments, segments());
      pieces.add(
          new Piece(from, Arrays.copyOfRange(ids, from * segmentLength, to * segmentLength)));
    }
    return pieces;
  }

  /** What a task does with its piece. */
  private static final class Task
      extends AbstractFunction2<TaskContext, Iterator<Piece>, TaskAnswer<Memories>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final SentModel sent;

    Task(SentModel sent) {
      this.sent = sent;
    }

    @Override
    public TaskAnswer<Memories> apply(TaskContext context, Iterator<Piece> pieces) {
      Piece piece = pieces.next();
      return TaskAnswer.of(
          () ->
              sent.with(
                  (model, adapter) ->
                      new Memories(
                          piece.first(),
                          new SegmentEncoder(model, adapter).encode(piece.first(), piece.ids()),
                          model.base().precision())));
    }
  }

  /** Takes what a task gives; Spark calls it from one thread at a time. */
  private static final class Into
      extends AbstractFunction2<Object, TaskAnswer<Memories>, BoxedUnit> {
    private final MemoryReader reader;

    /** Thrown when the job has ended: what is thrown here is Spark's. */
    private String refusal;

    Into(MemoryReader reader) {
      this.reader = reader;
    }

    @Override
    public BoxedUnit apply(Object piece, TaskAnswer<Memories> answer) {
      if (answer.refusal() == null) {
        Memories memories = answer.value();
        reader.put(memories.first(), memories.rows(), memories.precision());
      } else {
        refusal = answer.refusal();
      }
      return BoxedUnit.UNIT;
    }
  }
}
