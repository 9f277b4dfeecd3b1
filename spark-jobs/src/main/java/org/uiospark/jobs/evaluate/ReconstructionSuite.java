package org.uiospark.jobs.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.task.HeldOutData;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.SegmentReconstruction;
import org.uiospark.model.segment.TokenSequence;
import org.uiospark.model.text.TextTokenizer;

/**
 * Auto-encoding: how much of a segment comes back from its memory. Every full segment counts for
 * token accuracy; the first of each sequence is also generated.
 */
final class ReconstructionSuite implements Suite {
  private final Subject subject;
  private final EvaluateSettings settings;
  private final SequenceDataSet data;

  ReconstructionSuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    if (!subject.model().shape().repeat()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "adapter %s has no repeat_embedding, which suite ae needs; train with a data set of objective ae, or leave ae out",
              settings.adapter()));
    }
    this.data = HeldOutData.open(subject, settings.data());
  }

  /** A segment stands behind its own memory as the second of two would. */
  @Override
  public long longestText() {
    return 2L * subject.model().segmentLength();
  }

  @Override
  public ReconstructionTable run() {
    try (TextTokenizer tokenizer = subject.tokenizer()) {
      List<Reconstruction> cases =
          subject
              .each(
                  HeldOutData.spread(data, settings.sequences()),
                  new Reconstruct(TaskData.of(data, subject.spark().hadoopConfiguration())))
              .stream()
              .filter(made -> made.tokens() > 0)
              .toList();
      if (cases.isEmpty()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "no sequence of %s has a full segment of %d tokens; prepare longer text",
                settings.data(),
                subject.model().segmentLength()));
      }
      int[] withoutMemory = subject.each(List.of(0L), new GenerateWithoutMemory()).get(0);
      return new ReconstructionTable(
          ReconstructionTable.Row.of(
              "with memory",
              cases,
              Reconstruction::rightWithMemory,
              Reconstruction::withMemory,
              tokenizer::decode,
              settings.seed()),
          ReconstructionTable.Row.of(
              "no memory",
              cases,
              Reconstruction::rightWithoutMemory,
              made -> withoutMemory,
              tokenizer::decode,
              settings.seed()),
          subject.model().segmentLength() / subject.model().memoryTokens(),
          settings.data(),
          data.fingerprint(),
          subject.model().fingerprint(),
          settings.adapter());
    }
  }

  /** Generates without memory; nothing of a segment goes into that, so one serves them all. */
  private record GenerateWithoutMemory() implements Subject.Work<Long, int[]> {
    @Override
    public int[] of(MemoryModel model, DeviceAdapter adapter, Long only) {
      return new SegmentReconstruction(model, adapter).generatedWithoutMemory();
    }
  }

  /** The segments of one sequence. */
  private record Reconstruct(TaskData data) implements Subject.Work<Long, Reconstruction> {
    @Override
    public Reconstruction of(MemoryModel model, DeviceAdapter adapter, Long index) {
      TokenSequence sequence = data.sequence(index);
      int length = model.segments().segmentLength();
      List<int[]> segments = new ArrayList<>();
      for (int end = length; end <= sequence.inputIds().length; end += length) {
        segments.add(Arrays.copyOfRange(sequence.inputIds(), end - length, end));
      }
      SegmentReconstruction reconstruction = new SegmentReconstruction(model, adapter);
      long withMemory = 0;
      long withoutMemory = 0;
      for (int[] segment : segments) {
        withMemory += right(reconstruction.predictedWithMemory(segment), segment);
        withoutMemory += right(reconstruction.predictedWithoutMemory(segment), segment);
      }
      int[] first = segments.isEmpty() ? new int[0] : segments.get(0);
      return new Reconstruction(
          (long) segments.size() * length,
          withMemory,
          withoutMemory,
          first,
          segments.isEmpty() ? first : reconstruction.generatedWithMemory(first));
    }

    private static long right(int[] predicted, int[] segment) {
      long right = 0;
      for (int i = 0; i < segment.length; i++) {
        right += predicted[i] == segment[i] ? 1 : 0;
      }
      return right;
    }
  }
}
