package org.uiospark.jobs.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.jobs.plan.ChunkCut;
import org.uiospark.jobs.plan.ChunkTraffic;
import org.uiospark.jobs.settings.EstimatorSettings;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.cost.MemoryCount;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

/**
 * Training that has next to nothing to compute under an adapter of a chosen size, so that a step
 * shows what its distribution costs: a random model of two layers, and sequences of two short
 * segments.
 *
 * @param folder holds model and data
 * @param rank LoRA rank, a multiple of 32 for whole attention heads; the model's hidden size is
 *     twice that, and the adapter has 32 times its square values and some
 * @param sequences of the data, and of a step
 * @param text of a sequence
 * @param options of the training besides
 */
record LightWork(Path folder, int rank, int sequences, Text text, List<String> options) {
  private static final int LAYERS = 2;
  private static final int HEAD = 64;
  private static final int VOCABULARY = 256;
  private static final long VALUES_OF_RANK = 16L * LAYERS;

  /**
   * Text of a sequence.
   *
   * @param segments of it
   * @param length tokens of a segment
   * @param memoryTokens of a segment
   */
  record Text(int segments, int length, int memoryTokens) {}

  /** Sequences of two segments, each a lane. */
  LightWork(Path folder, int rank, int lanes) {
    this(folder, rank, lanes, 2, List.of());
  }

  /** Sequences of short segments. */
  LightWork(Path folder, int rank, int sequences, int segments, List<String> options) {
    this(folder, rank, sequences, new Text(segments, 16, 4), options);
  }

  /** The rank whose adapter has nearest to so many values. */
  static int rank(long values) {
    return Math.max(1, (int) Math.round(Math.sqrt((double) values / VALUES_OF_RANK) / 32)) * 32;
  }

  /** Values of the adapter. */
  long values() {
    return AdapterShape.of(model(), rank, rank).size();
  }

  /** Writes model and data. */
  void write() {
    RandomLlama.write(folder.resolve("model"), model(), 1);
    SplittableRandom random = new SplittableRandom(1);
    List<TokenSequence> texts =
        IntStream.range(0, sequences)
            .mapToObj(
                i ->
                    TokenSequence.of(
                        "random-" + i,
                        0,
                        random.ints(text.segments() * text.length(), 0, VOCABULARY).toArray()))
            .toList();
    TokenDataSet.write(
        folder.resolve("data").toUri().toString(),
        texts,
        text.length(),
        VOCABULARY,
        "none",
        new Configuration());
  }

  /** What chunks of so many segments on average leave for each other. */
  ChunkTraffic traffic(int chunkSegments) {
    SegmentSettings settings = new SegmentSettings(text.length(), text.memoryTokens());
    ChunkCut cut =
        ChunkCut.of(model(), rank, settings, new EstimatorSettings("exact", 1, 1), text.segments());
    return ChunkTraffic.of(
        cut.chunks(chunkSegments),
        text.memoryTokens(),
        MemoryCount.row(model()) * Float.BYTES,
        cut.gradientRow());
  }

  private LlamaConfig model() {
    int hidden = 2 * rank;
    int heads = hidden / HEAD;
    return new LlamaConfig(
        hidden,
        64,
        LAYERS,
        1e-5,
        AttentionConfig.plain(heads, heads, HEAD),
        RotaryConfig.unscaled(1e4, 4096),
        new VocabularyConfig(VOCABULARY, false, 1, List.of(2)));
  }

  /**
   * The command; the checkpoint after the last step is the only one.
   *
   * @param collectSize as in {@code train.collect-size}; 0 is over the shuffle
   */
  List<String> train(Path output, int steps, String collectSize) {
    List<String> command = new ArrayList<>();
    Collections.addAll(
        command,
        "train",
        "--model=" + folder.resolve("model"),
        "--data=" + folder.resolve("data"),
        "--output=" + output,
        "--steps=" + steps,
        "--batch=" + sequences,
        "--collect-size=" + collectSize,
        "--segment-length=" + text.length(),
        "--memory-tokens=" + text.memoryTokens(),
        "--rank=" + rank,
        "--checkpoint-every=" + steps);
    command.addAll(options);
    return command;
  }
}
