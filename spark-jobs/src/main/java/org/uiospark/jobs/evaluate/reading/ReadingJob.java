package org.uiospark.jobs.evaluate.reading;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.jobs.exchange.LaneExchange;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.InvalidInputException;

/**
 * The Spark job that reads sequences: all chunks are encoded, then each is read behind the memories
 * of all segments before it, which cross the shuffle. There is no barrier: a task that is lost is
 * run again.
 */
public final class ReadingJob {
  private final JavaSparkContext spark;
  private final TaskData data;

  /**
   * @param data whose sequences are read
   */
  public ReadingJob(JavaSparkContext spark, TaskData data) {
    this.spark = spark;
    this.data = data;
  }

  /**
   * Tokens of some sequences.
   *
   * @throws InvalidInputException if one is damaged
   */
  public List<Integer> lengths(List<Long> indices) {
    TaskData sent = data;
    return spark
        .parallelize(indices)
        .map(index -> TaskAnswer.of(() -> sent.sequence(index).inputIds().length))
        .collect()
        .stream()
        .map(TaskAnswer::orRefuse)
        .toList();
  }

  /**
   * Reads sequences.
   *
   * @param model runs the tasks
   * @param work what is measured of each chunk
   * @return what was, in the order of the sequences, the same for any number of executors
   * @throws InvalidInputException if a sequence is refused, or a loss is not finite
   */
  public <O extends Serializable> List<Read<O>> read(
      SentModel model, List<ReadText> texts, ChunkWork<O> work) {
    ReadingTask<O> task = new ReadingTask<>(model, data, work);
    List<ReadingLane> lanes = ReadingLane.of(texts);
    JavaRDD<ReadingLane> all = spark.parallelize(lanes, lanes.size());
    LaneExchange memories = new LaneExchange(all.mapPartitions(lane -> task.encode(lane.next())));
    try {
      return read(
          lanes,
          all.zipPartitions(
                  memories.inboxes(),
                  (lane, inbox) -> List.of(task.read(lane.next(), inbox.next())).iterator())
              .collect());
    } finally {
      memories.forget();
    }
  }

  private static <O extends Serializable> List<Read<O>> read(
      List<ReadingLane> lanes, List<TaskAnswer<ReadingTask.Outcome<O>>> answers) {
    List<Read<O>> read = new ArrayList<>();
    for (int i = 0; i < lanes.size(); i++) {
      ReadingTask.Outcome<O> outcome = answers.get(i).orRefuse();
      if (lanes.get(i).place() == 0) {
        read.add(new Read<>(new ArrayList<>(), new ArrayList<>()));
      }
      Read<O> last = read.get(read.size() - 1);
      if (lanes.get(i).isTarget()) {
        last.target().addAll(outcome.target());
      } else {
        last.chunks().add(outcome.chunk());
      }
    }
    return read;
  }
}
