package org.uiospark.jobs.generate;

import ai.djl.Device;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.task.ComputeDevice;
import org.uiospark.jobs.task.IdleCores;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TrainedPositions;
import org.uiospark.model.text.StreamedText;
import org.uiospark.model.text.TextTokenizer;

/** Continues the text of a file and prints the continuation as it comes. */
public final class Generate {
  private static final Logger LOG = LoggerFactory.getLogger(Generate.class);

  private final int maxNewTokens;
  private final Sampling sampling;
  private final PrintWriter out;
  private long firstTokenAt;

  private Generate(Settings settings, PrintWriter out) {
    this.maxNewTokens = settings.integer("generate.max-new-tokens");
    this.sampling =
        new Sampling(
            settings.number("generate.temperature"),
            settings.number("generate.top-p"),
            settings.whole("generate.seed"));
    this.out = out;
  }

  /**
   * Generates.
   *
   * @param settings of the section {@code generate}
   * @param configuration for the file systems of the adapter, the model and the prompt
   * @param out gets the continuation and a line end, and is flushed after each token
   * @throws InvalidInputException if a file is missing, damaged or does not fit the model, or the
   *     prompt is empty
   */
  public static void run(Settings settings, Configuration configuration, PrintWriter out) {
    OutputFolder folder = OutputFolder.of(settings.text("generate.adapter"), configuration);
    String prompt = prompt(new InputFile(settings.text("generate.prompt-file"), configuration));
    LoadedAdapter loaded = AdapterSource.adapter(folder);
    Device device = ComputeDevice.available();
    ModelFolder model = ModelFolder.of(settings.text("generate.model"), configuration);
    try (FrozenLlama base =
            FrozenLlama.load(model.path(), device, BasePrecision.defaultOn(device));
        TextTokenizer tokenizer = model.tokenizer(folder)) {
      loaded.config().requireBase(base.fingerprint(), base.config());
      tokenizer.requireFit(base.config().vocabSize());
      int[] ids = tokenizer.encode(prompt);
      try (MemoryModel memory =
              new MemoryModel(
                  base,
                  loaded.config().settings(),
                  loaded.config().shape(),
                  Arithmetic.here(IdleCores.ofDriver(new SparkConf())));
          DeviceAdapter adapter = memory.upload(loaded.adapter())) {
        warnOfPositions(memory, ids.length + settings.integer("generate.max-new-tokens") - 1L);
        new Generate(settings, out)
            .print(new TextGenerator(memory, adapter), tokenizer, ids, memory);
      }
    }
  }

  private static void warnOfPositions(MemoryModel model, long tokens) {
    new TrainedPositions(model.base().config().rotary().maxPositions(), model.segments())
        .warning("The prompt with its continuation", tokens)
        .ifPresent(LOG::warn);
  }

  private void print(
      TextGenerator generator, TextTokenizer tokenizer, int[] prompt, MemoryModel model) {
    StreamedText text = new StreamedText(tokenizer::decode, prompt);
    long start = System.nanoTime();
    int[] generated =
        generator.generate(
            prompt,
            maxNewTokens,
            sampling,
            token -> {
              if (firstTokenAt == 0) {
                firstTokenAt = System.nanoTime();
              }
              out.print(text.push(token));
              out.flush();
            });
    out.println(text.finish());
    out.flush();
    long end = System.nanoTime();
    summarize(prompt.length, generated.length, model.segments(), start, end);
  }

  private void summarize(
      int prompt, int generated, SegmentSettings segments, long start, long end) {
    boolean limited = generated == maxNewTokens;
    // The last token before the limit is never read.
    int read = prompt + generated - (limited ? 1 : 0);
    int compressed = read / segments.segmentLength();
    long first = firstTokenAt == 0 ? end : firstTokenAt;
    double seconds = (end - first) / 1e9;
    LOG.info(
        String.format(
            Locale.ROOT,
            "%d tokens after a prompt of %d, %s; prompt %.2f s, then %.1f tokens/s;"
                + " %d segments in %d memories",
            generated,
            prompt,
            limited ? "up to the limit" : "up to the end of the text",
            (first - start) / 1e9,
            seconds > 0 ? Math.max(0, generated - 1) / seconds : 0,
            compressed,
            compressed * segments.memoryTokens()));
  }

  private static String prompt(InputFile file) {
    if (!file.exists()) {
      throw new InvalidInputException(
          "prompt file " + file.name() + " " + file.absence() + "; check its path");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(file.bytes());
      String text = UnicodeReader.strict(bytes);
      if (text.isEmpty()) {
        throw new InvalidInputException(
            "prompt file " + file.name() + " is empty; write some text in it");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
          "prompt file " + file.name() + " is not UTF-8 text; convert it to UTF-8", e);
    }
  }
}
