package org.uiospark.jobs.memory;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.TaskContext;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.jobs.task.SentModel;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.reading.Continuation;
import org.uiospark.model.reading.Continuations;
import org.uiospark.model.reading.Continuations.Ended;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.Sampling;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction2;

/**
 * What a Spark task does: it loads the memories of a text once, reads once what all prompts begin
 * with, and answers questions to it, some of them together. Whenever one is answered the next one
 * begins, so which are together at what token follows from the lane alone.
 */
final class AnswerTask
    extends AbstractFunction2<
        TaskContext, Iterator<AnswerTask.Lane>, TaskAnswer<AnswerTask.Answers>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SentModel sent;
  private final MemoryOrigin origin;
  private final HadoopSettings hadoop;
  private final int batch;
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
      int batch,
      int maxNewTokens,
      Sampling sampling) {
    this.sent = sent;
    this.origin = origin;
    this.hadoop = hadoop;
    this.batch = batch;
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
    try (MemoryFile memory = StoredMemory.open(lane.file(), hadoop.configuration())) {
      origin.require(lane.file(), memory.header().origin());
      return sent.with(
          (model, adapter) -> {
            try (MemoryReader reader = new MemoryReader(model, adapter);
                Continuations running = new Continuations(model, adapter)) {
              memory.load(MemoryLayout.of(model), reader);
              reader.readAhead(commonStart(lane.prompts(), model.segments().segmentLength() - 1));
              return new Answers(lane.number(), answers(lane.prompts(), model, reader, running));
            }
          });
    }
  }

  /** What all begin with, and all go on behind: the end of the text, mostly. */
  private static int[] commonStart(List<int[]> prompts, int most) {
    int[] first = prompts.get(0);
    int common = prompts.size() == 1 ? 0 : most;
    for (int[] prompt : prompts) {
      int same = Arrays.mismatch(first, prompt);
      common = Math.min(common, Math.min(same < 0 ? most : same, prompt.length - 1));
    }
    return Arrays.copyOf(first, common);
  }

  private ArrayList<int[]> answers(
      List<int[]> prompts, MemoryModel model, MemoryReader reader, Continuations running) {
    Sampling sampling = new Sampling(temperature, topP, seed);
    List<Continuation> texts = new ArrayList<>();
    while (texts.size() < prompts.size() || running.size() > 0) {
      while (texts.size() < prompts.size() && running.size() < batch) {
        Continuation text = new Continuation(model, maxNewTokens, sampling, token -> {});
        running.begin(reader, prompts.get(texts.size()), text);
        texts.add(text);
      }
      running.advance().forEach(Ended::orThrow);
    }
    return texts.stream()
        .map(Continuation::tokens)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
