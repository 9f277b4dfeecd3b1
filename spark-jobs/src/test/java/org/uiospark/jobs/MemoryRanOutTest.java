package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.jobs.options.ConfiguredCommand;
import org.uiospark.model.llama.AttentionConfig;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.llama.RotaryConfig;
import org.uiospark.model.llama.VocabularyConfig;
import org.uiospark.model.segment.TokenSequence;

/** A tiny model with 32,768 heads of two: the bank of a text is soon larger than any machine. */
@Tag("cluster")
class MemoryRanOutTest extends CommandInput {
  private static final int SEGMENT = 64;
  private static final int HEADS = 1 << 15;

  @Test
  void oneLineNamesEstimatorSegmentLengthAndTheSettingThatHelps() {
    LlamaConfig config =
        new LlamaConfig(
            8,
            16,
            2,
            1e-5,
            AttentionConfig.plain(HEADS, HEADS, 2),
            RotaryConfig.unscaled(1e4, 64),
            new VocabularyConfig(40, false, 1, List.of(2)));
    Path wide = folder.resolve("wide");
    RandomLlama.write(wide, config, 1);
    long memory =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    // The keys of one layer alone take twice what there is.
    int tokens = Math.toIntExact(2 * memory / (2 * HEADS * Float.BYTES) / SEGMENT * SEGMENT);
    String data = folder.resolve("long").toUri().toString();
    TokenDataSet.write(
        data,
        List.of(TokenSequence.of("long", 0, new int[tokens])),
        SEGMENT,
        40,
        "none",
        ConfiguredCommand.hadoop());

    CommandRun run =
        train(
            wide,
            Path.of(URI.create(data)),
            "--segment-length",
            SEGMENT,
            "--memory-tokens",
            SEGMENT,
            "--steps",
            1,
            "--batch",
            1);

    assertRefused(
        run,
        "the memory of ",
        " ran out (estimator exact, segments of 64 tokens): ",
        "; lower --memory-tokens, or have prep cut shorter sequences (",
        " or take a machine with more");
    assertThat(run.err()).contains("memory").doesNotContain("Exception");
  }
}
