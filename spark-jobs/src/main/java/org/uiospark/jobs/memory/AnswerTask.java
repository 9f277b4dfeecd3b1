package org.uiospark.jobs.memory;

import java.io.Serializable;
import java.util.ArrayList;
import org.apache.spark.TaskContext;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/** What a Spark task does: it loads the memories of a text once and answers questions to it. */
final class AnswerTask
    extends AbstractFunction2<
        TaskContext, Iterator<AnswerTask.Lane>, TaskAnswer<AnswerTask.Answers>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SentModel sent;
  private final MemoryOrigin origin;
  private final HadoopSettings hadoop;
  private final int maxNewTokens;
  private final double temperature;
  private final double topP;
  private final long seed;

  /**
   * Questions to one text.
   *
   * @param number of the lane
   * @param file of its memories
   * @param prompts tokens that follow its last whole segment, with each question
   */
  record Lane(int number, String file, ArrayList<int[]> prompts) implements Serializable {}

  /**
   * What comes of a lane.
   *
   * @param tokens of each answer
   */
  record Answers(int number, ArrayList<int[]> tokens) implements Serializable {}

  AnswerTask(
      SentModel sent,
      MemoryOrigin origin,
      HadoopSettings hadoop,
      int maxNewTokens,
      Sampling sampling) {
    this.sent = sent;
    this.origin = origin;
    this.hadoop = hadoop;
    this.maxNewTokens = maxNewTokens;
    this.temperature = sampling.temperature();
    this.topP = sampling.topP();
    this.seed = sampling.seed();
  }

  @Override
  public TaskAnswer<Answers> apply(TaskContext context, Iterator<Lane> lanes) {
    Lane lane = lanes.next();
    return TaskAnswer.of(() -> answers(lane));
  }

  private Answers answers(Lane lane) {
    ArrayList<int[]> answers = new ArrayList<>();
    Sampling sampling = new Sampling(temperature, topP, seed);
    try (MemoryFile memory = StoredMemory.open(lane.file(), hadoop.configuration())) {
      origin.require(lane.file(), memory.header().origin());
      return sent.with(
          (model, adapter) -> {
            try (MemoryReader reader = new MemoryReader(model, adapter)) {
              TextGenerator generator = new TextGenerator(model, adapter);
              memory.load(MemoryLayout.of(model), reader);
              for (int[] prompt : lane.prompts()) {
                answers.add(
                    generator.generate(reader, prompt, maxNewTokens, sampling, token -> {}));
                reader.rewind(memory.header().segments());
              }
            }
            return new Answers(lane.number(), answers);
          });
    }
  }
}
