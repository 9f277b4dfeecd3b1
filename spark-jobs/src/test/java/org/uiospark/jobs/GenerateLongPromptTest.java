package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.logging.log4j.Level;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.jobs.generate.Generate;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.text.TextTokenizer;

/** Prompts whose segments Spark tasks encode. */
@Tag("cluster")
class GenerateLongPromptTest extends CommandInput {

  private CommandRun longPrompt(Object... sampling) throws IOException {
    saveAdapter(TINY, folder.resolve("some"), 4, 0.01f);
    Files.writeString(prompt, Files.readString(BOOK).substring(2000, 17_000));
    Object[] all = new Object[9 + sampling.length];
    Object[] first = {
      "generate",
      "--model",
      model,
      "--adapter",
      folder.resolve("some"),
      "--prompt-file",
      prompt,
      "--max-new-tokens",
      70
    };
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(sampling, 0, all, first.length, sampling.length);
    System.setProperty("spark.master", "local[2]");
    try {
      return CommandRun.of(all);
    } finally {
      System.setProperty("spark.master", "local[1]");
    }
  }

  /** The same in this thread, segment after segment. */
  private String serial(Sampling sampling) throws IOException {
    LoadedAdapter loaded = AdapterFiles.load(folder.resolve("some"));
    try (FrozenLlama base = FrozenLlama.load(TINY, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel memory =
            new MemoryModel(base, loaded.config().settings(), loaded.adapter().shape());
        DeviceAdapter uploaded = memory.upload(loaded.adapter());
        TextTokenizer tokenizer = TextTokenizer.load(TINY.resolve("tokenizer.json"))) {
      int[] ids = tokenizer.encode(Files.readString(prompt));
      assertThat(ids).hasSizeGreaterThan(70 * 32);
      return tokenizer.decode(
          new TextGenerator(memory, uploaded).generate(ids, 70, sampling, token -> {}));
    }
  }

  @Test
  void theContinuationIsThatOfTheSerialReader() throws Exception {
    try (RecordedLog log = RecordedLog.of(Generate.class, Level.INFO)) {
      CommandRun greedy = longPrompt();

      assertThat(greedy.err()).isEmpty();
      assertThat(log.lines()).anyMatch(line -> line.contains("encoded by"));
      assertThat(greedy.out()).isEqualToNormalizingNewlines(serial(Sampling.GREEDY) + "\n");
    }

    CommandRun sampled = longPrompt("--temperature", 0.9, "--top-p", 0.9, "--seed", 7);

    assertThat(sampled.out())
        .isEqualToNormalizingNewlines(serial(new Sampling(0.9, 0.9, 7)) + "\n");
  }
}
