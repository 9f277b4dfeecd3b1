package org.uiospark.jobs.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.uiospark.data.SequenceDataSet;
import org.uiospark.jobs.settings.EvaluateSettings;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.memory.DeviceAdapter;
import org.uiospark.model.memory.MemoryModel;
import org.uiospark.model.memory.SequenceEvaluation;
import org.uiospark.model.memory.SequenceLoss;
import org.uiospark.model.memory.TokenSequence;

/** Held-out perplexity by context length, and by memories behind the same target. */
final class PerplexitySuite {
  private final Subject subject;
  private final EvaluateSettings settings;
  private final SequenceDataSet data;

  PerplexitySuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    this.data = HeldOutData.open(subject, settings.data());
  }

  PerplexityTable run() {
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
    List<SequenceScores> scores =
        subject.each(
            HeldOutData.spread(data, settings.sequences()),
            new SequenceWork(TaskData.of(data, subject.spark().hadoopConfiguration())));
    List<Integer> lengths =
        settings.lengths().isEmpty() ? doubled(segmentLength, scores) : settings.lengths();
    int window = subject.base().nativeWindow();
    List<ContextPerplexity> rows =
        lengths.stream()
            .filter(length -> scores.stream().anyMatch(score -> score.tokens() >= length))
            .map(length -> ContextPerplexity.of(length, segmentLength, window, scores))
            // The first segments of chats may hold prompts alone.
            .filter(row -> row.labels() > 0)
            .toList();
    if (rows.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "no sequence of %s is as long as one of the lengths %s and has a label that counts there; ask for others",
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

  /** From one segment, each twice the one before, as far as the sequences go. */
  private static List<Integer> doubled(int segmentLength, List<SequenceScores> scores) {
    int longest = scores.stream().mapToInt(SequenceScores::tokens).max().orElse(0);
    return IntStream.iterate(
            segmentLength, length -> length <= Math.max(longest, segmentLength), l -> 2 * l)
        .boxed()
        .toList();
  }

  /** The losses of one sequence. */
  private record SequenceWork(TaskData data) implements Subject.Work<Long, SequenceScores> {
    @Override
    public SequenceScores of(MemoryModel model, DeviceAdapter adapter, Long index) {
      TokenSequence sequence = data.open().sequence(index);
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
