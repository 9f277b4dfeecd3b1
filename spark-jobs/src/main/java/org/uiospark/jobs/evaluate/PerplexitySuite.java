package org.uiospark.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.jobs.evaluate.reading.ChunkWork;
import org.uiospark.jobs.evaluate.reading.Read;
import org.uiospark.jobs.evaluate.reading.ReadText;
import org.uiospark.jobs.evaluate.reading.ReadingJob;
import org.uiospark.jobs.evaluate.score.ChunkScores;
import org.uiospark.jobs.evaluate.score.ContextPerplexity;
import org.uiospark.jobs.evaluate.score.ContextSeconds;
import org.uiospark.jobs.evaluate.score.MemoryCurvePoint;
import org.uiospark.jobs.evaluate.score.SequenceScores;
import org.uiospark.jobs.evaluate.score.TargetScores;
import org.uiospark.jobs.evaluate.score.TimedLosses;
import org.uiospark.jobs.task.HeldOutData;
import org.uiospark.jobs.task.Subject;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.reading.SequenceEvaluation;

/** Held-out perplexity by context length, and by memories behind the same target. */
final class PerplexitySuite implements Suite {
  private static final Logger LOG = LoggerFactory.getLogger(PerplexitySuite.class);

  private final Subject subject;
  private final EvaluateSettings settings;
  private final SequenceDataSet data;
  private final List<Long> indices;
  private final ReadingJob job;
  private final List<Integer> tokens;
  private final int longest;

  PerplexitySuite(Subject subject, EvaluateSettings settings) {
    this.subject = subject;
    this.settings = settings;
    this.data = HeldOutData.open(subject, settings.data());
    this.indices = HeldOutData.spread(data, settings.sequences());
    this.job =
        new ReadingJob(subject.spark(), TaskData.of(data, subject.spark().hadoopConfiguration()));
    this.tokens = job.lengths(indices);
    this.longest = tokens.stream().mapToInt(Integer::intValue).max().orElse(0);
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

  /** Sequences are read whole, for the curve, whatever the lengths. */
  @Override
  public long longestText() {
    return longest;
  }

  @Override
  public PerplexityTable run() {
    int segmentLength = subject.model().segmentLength();
    List<SequenceScores> scores = scores();
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
        rows.stream()
            .map(row -> ContextSeconds.of(row.contextTokens(), segmentLength, scores))
            .toList(),
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

  private List<SequenceScores> scores() {
    List<ReadText> texts = new ArrayList<>();
    for (int i = 0; i < indices.size(); i++) {
      int target = target(tokens.get(i));
      // Only the longest ones have a place on the curve.
      List<Integer> counts = target == target(longest) ? TargetScores.between(target) : List.of();
      texts.add(new ReadText(indices.get(i), segments(tokens.get(i)), target, counts));
    }
    int chunks = texts.stream().mapToInt(ReadText::chunks).sum();
    List<Read<ChunkScores>> read =
        job.read(subject.forTasks(chunks), texts, new Losses(subject.base().nativeWindow()));
    return IntStream.range(0, read.size())
        .mapToObj(i -> scores(tokens.get(i), texts.get(i), read.get(i)))
        .toList();
  }

  private static SequenceScores scores(int tokens, ReadText text, Read<ChunkScores> read) {
    ChunkScores whole = ChunkScores.of(read.chunks());
    return new SequenceScores(tokens, whole, TargetScores.of(text.target(), whole, read.target()));
  }

  private int segments(int length) {
    return (length - 1) / subject.model().segmentLength() + 1;
  }

  /** The last whole segment. */
  private int target(int length) {
    return Math.max(0, length / subject.model().segmentLength() - 1);
  }

  /** The losses of a chunk under three kinds of context. */
  private record Losses(int window) implements ChunkWork<ChunkScores> {
    @Override
    public ChunkScores of(
        SequenceEvaluation text, SequenceChunk chunk, MemoryBank memories, double encodeSeconds) {
      int from = chunk.from();
      int to = chunk.to();
      return new ChunkScores(
          text.labels(from, to),
          TimedLosses.of(
              from, to, encodeSeconds / (to - from), t -> text.withMemory(memories, t, t + 1)),
          TimedLosses.of(from, to, 0, t -> text.withoutMemory(t, t + 1)),
          TimedLosses.of(from, to, 0, t -> text.withWindow(window, t, t + 1)));
    }
  }
}
