package org.uiospark.jobs.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.evaluate.score.ContextPerplexity;
import org.uiospark.jobs.evaluate.score.MemoryCurvePoint;
import org.uiospark.jobs.evaluate.score.SequenceScores;
import org.uiospark.jobs.evaluate.score.TargetScores;
import org.uiospark.jobs.task.HeldOutData;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskAnswer;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SequenceEvaluation;
import org.uiospark.model.segment.SequenceLoss;
import org.uiospark.model.segment.TokenSequence;

/** Held-out perplexity by context length, and by memories behind the same target. */
final class PerplexitySuite implements Suite {
  private static final Logger LOG = LoggerFactory.getLogger(PerplexitySuite.class);

  private final Subject subject;
  private final EvaluateSettings settings;
  private final SequenceDataSet data;
  private final List<Long> indices;
  private final int longest;

  PerplexitySuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    this.data = HeldOutData.open(subject, settings.data());
    this.indices = HeldOutData.spread(data, settings.sequences());
    this.longest = longest();
    requireLengths();
  }

  private void requireLengths() {
    int segmentLength = subject.model().segmentLength();
    for (int length : settings.lengths()) {
      if (length % segmentLength != 0) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "evaluate.lengths %d is not a multiple of the adapter's segment length %d",
                length,
                segmentLength));
      }
    }
    List<Integer> unreached =
        settings.lengths().stream().filter(length -> length > longest).toList();
    if (!unreached.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "evaluate.lengths %s: the longest of %d sequences read of the %d in %s has %d tokens; leave out what is longer, raise --sequences, or prepare longer text with a larger --max-segments",
              unreached,
              indices.size(),
              data.size(),
              settings.data(),
              longest));
    }
  }

  private int longest() {
    TaskData sent = TaskData.of(data, subject.spark().hadoopConfiguration());
    return subject
        .spark()
        .parallelize(indices)
        .map(index -> TaskAnswer.of(() -> sent.sequence(index).inputIds().length))
        .collect()
        .stream()
        .mapToInt(TaskAnswer::orRefuse)
        .max()
        .orElse(0);
  }

  /** Sequences are read whole, for the curve, whatever the lengths. */
  @Override
  public long longestText() {
    return longest;
  }

  @Override
  public PerplexityTable run() {
    int segmentLength = subject.model().segmentLength();
    List<SequenceScores> scores =
        subject.each(
            indices, new SequenceWork(TaskData.of(data, subject.spark().hadoopConfiguration())));
    List<Integer> lengths =
        settings.lengths().isEmpty() ? doubled(segmentLength, longest) : settings.lengths();
    int window = subject.base().nativeWindow();
    List<ContextPerplexity> rows =
        lengths.stream()
            .map(length -> ContextPerplexity.of(length, segmentLength, window, scores))
            .filter(PerplexitySuite::isMeasured)
            .toList();
    if (rows.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "no sequence of %s has a label that counts in its first %s tokens; ask for other lengths",
              settings.data(),
              lengths));
    }
    return new PerplexityTable(
        rows,
        MemoryCurvePoint.curve(scores),
        settings.data(),
        data.fingerprint(),
        subject.model().fingerprint(),
        settings.adapter(),
        window);
  }

  /** The first segments of chats may hold prompts alone. */
  private static boolean isMeasured(ContextPerplexity row) {
    if (row.labels() == 0) {
      LOG.warn(
          "{} tokens: no sequence of that length has a label that counts there, so the row is left out",
          row.contextTokens());
    }
    return row.labels() > 0;
  }

  /** Lengths in tokens: one segment, then each twice the one before, up to the longest sequence. */
  private static List<Integer> doubled(int segmentLength, int longest) {
    return IntStream.iterate(
            segmentLength, length -> length <= Math.max(longest, segmentLength), l -> 2 * l)
        .boxed()
        .toList();
  }

  /** The losses of one sequence. */
  private record SequenceWork(TaskData data) implements Subject.Work<Long, SequenceScores> {
    @Override
    public SequenceScores of(MemoryModel model, DeviceAdapter adapter, Long index) {
      TokenSequence sequence = data.sequence(index);
      SequenceEvaluation evaluation = new SequenceEvaluation(model);
      int tokens = sequence.inputIds().length;
      int target = Math.max(0, tokens / model.segments().segmentLength() - 1);
      SequenceEvaluation.MemoryCurve curve =
          evaluation.memoryCurve(adapter, sequence, target, TargetScores.counts(target));
      SequenceLoss memory = curve.withMemory();
      return SequenceScores.of(
          tokens,
          memory,
          evaluation.withoutMemory(sequence),
          evaluation.withWindow(sequence, model.base().config().nativeWindow()),
          new TargetScores(
              target,
              memory.labels().get(target),
              curve.target().stream().mapToDouble(Double::doubleValue).toArray()));
    }
  }
}
