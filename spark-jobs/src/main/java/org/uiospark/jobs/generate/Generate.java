package org.uiospark.jobs.generate;

import ai.djl.Device;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.memory.StoredMemory;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.task.IdleCores;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TrainedPositions;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.StreamedText;
import org.uiospark.model.text.TextTokenizer;

/**
 * Continues the text of a file, behind a text that was memorized where there is one, and prints the
 * continuation as it comes.
 */
public final class Generate {
  private static final Logger LOG = LoggerFactory.getLogger(Generate.class);

  private static final String MEMORY = "generate.memory";

  private final int maxNewTokens;
  private final Sampling sampling;
  private final TextTokenizer tokenizer;
  private final long memorized;
  private final int[] prompt;
  private final PrintWriter out;
  private long firstTokenAt;
  private int generated;

  /**
   * @param memorized tokens of the segments before the prompt
   */
  private Generate(
      Settings settings, TextTokenizer tokenizer, long memorized, int[] prompt, PrintWriter out) {
    this.maxNewTokens = settings.integer("generate.max-new-tokens");
    this.sampling =
        new Sampling(
            settings.number("generate.temperature"),
            settings.number("generate.top-p"),
            settings.whole("generate.seed"));
    this.tokenizer = tokenizer;
    this.memorized = memorized;
    this.prompt = prompt;
    this.out = out;
  }

  /**
   * Generates.
   *
   * @param settings of the section {@code generate}
   * @param configuration for the file systems of the adapter, the model and the prompt
   * @param inSpark does work in a Spark session, if a long prompt asks for it
   * @param out gets the continuation and a line end, and is flushed after each token
   * @throws InvalidInputException if a file is missing, damaged or does not fit the model, the
   *     prompt is empty, or the memories are those of another base, adapter or ratio
   */
  public static void run(
      Settings settings,
      Configuration configuration,
      Consumer<Consumer<SparkSession>> inSpark,
      PrintWriter out) {
    long began = System.nanoTime();
    double start = secondsOfProcess();
    OutputFolder folder = OutputFolder.of(settings.text("generate.adapter"), configuration);
    String prompt = prompt(new InputFile(settings.text("generate.prompt-file"), configuration));
    LoadedAdapter loaded = AdapterSource.adapter(folder);
    ModelFolder model = ModelFolder.of(settings.text("generate.model"), configuration);
    SparkConf conf = new SparkConf();
    Device device = ComputeDevice.available();
    try (MemoryFile known = known(settings, configuration);
        LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model.path());
        TextTokenizer tokenizer = model.tokenizer(folder)) {
      ModelReference reference =
          ModelReference.of(model, checkpoint, loaded.config(), ratio(settings, loaded, known));
      if (known != null) {
        MemoryOrigin.of(reference.fingerprint(), loaded.adapter(), reference.segments())
            .require(settings.text(MEMORY), known.header().origin());
      }
      // Tasks of local mode share what is loaded here.
      MemoryModel memory =
          TaskModels.model(reference.withThreads(IdleCores.ofDriver(conf)), device);
      tokenizer.requireFit(memory.base().config().vocabSize());
      int[] ids = known == null ? tokenizer.encode(prompt) : behind(known, tokenizer, prompt);
      long memorized = known == null ? 0 : known.header().tokens() - known.header().rest();
      warnOfPositions(
          memory, memorized + ids.length + settings.integer("generate.max-new-tokens") - 1L);
      PromptJob job = new PromptJob(ids, memory);
      try (DeviceAdapter adapter = memory.upload(loaded.adapter());
          MemoryReader reader = new MemoryReader(memory, adapter)) {
        Generate generate = new Generate(settings, tokenizer, memorized, ids, out);
        long loadedAt = System.nanoTime();
        int[] rest = ids;
        if (known != null) {
          known.load(MemoryLayout.of(memory), reader);
        } else if (job.isWorthwhile() && (!device.isGpu() || ComputeDevice.areGpusOfTasks(conf))) {
          inSpark.accept(session -> encode(job, session, reference, loaded, reader));
          rest = job.rest();
        }
        long memoriesAt = known == null ? loadedAt : System.nanoTime();
        generate.print(new TextGenerator(memory, adapter), reader, rest);
        generate.summarize(memory.segments());
        long end = System.nanoTime();
        long first = generate.firstTokenAt == 0 ? end : generate.firstTokenAt;
        LOG.info(
            new GenerationFigures(
                    start,
                    (loadedAt - began) / 1e9,
                    (memoriesAt - loadedAt) / 1e9,
                    (first - memoriesAt) / 1e9,
                    (end - first) / 1e9,
                    memorized,
                    ids.length,
                    generate.generated)
                .line());
      }
    }
  }

  /** The memories that the prompt follows; null if it is a text by itself. */
  private static MemoryFile known(Settings settings, Configuration configuration) {
    String name = settings.text(MEMORY);
    return name.isEmpty() ? null : StoredMemory.open(name, configuration);
  }

  /** Tokens that follow the memorized segments. */
  private static int[] behind(MemoryFile known, TextTokenizer tokenizer, String prompt) {
    PieceEncoder encoder = new PieceEncoder(tokenizer);
    return encoder.behind(encoder.seam(known.rest()), prompt);
  }

  /** What is asked for, else what the memories have, where the adapter knows it. */
  private static OptionalInt ratio(Settings settings, LoadedAdapter loaded, MemoryFile known) {
    OptionalInt asked = settings.integerOrAuto("generate.memory-tokens");
    if (asked.isPresent() || known == null) {
      return asked;
    }
    int there = known.header().origin().memoryTokens();
    return loaded.config().memoryTokens().contains(there)
        ? OptionalInt.of(there)
        : OptionalInt.empty();
  }

  private static void encode(
      PromptJob job,
      SparkSession session,
      ModelReference reference,
      LoadedAdapter loaded,
      MemoryReader reader) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    LOG.info("{} segments of the prompt are encoded by {} tasks", job.segments(), job.tasks());
    try (SentAdapter adapter = new SentAdapter(spark, reference, loaded.adapter())) {
      job.encode(spark, adapter, reader);
    }
  }

  private static void warnOfPositions(MemoryModel model, long tokens) {
    new TrainedPositions(model.base().config().rotary().maxPositions(), model.segments())
        .warning("The prompt with its continuation", tokens)
        .ifPresent(LOG::warn);
  }

  private void print(TextGenerator generator, MemoryReader reader, int[] rest) {
    StreamedText text = new StreamedText(tokenizer::decode, prompt);
    generated =
        generator.generate(
                reader,
                rest,
                maxNewTokens,
                sampling,
                token -> {
                  if (firstTokenAt == 0) {
                    firstTokenAt = System.nanoTime();
                  }
                  out.print(text.push(token));
                  out.flush();
                })
            .length;
    out.println(text.finish());
    out.flush();
  }

  private void summarize(SegmentSettings segments) {
    boolean limited = generated == maxNewTokens;
    // The last token before the limit is never read.
    long read = memorized + prompt.length + generated - (limited ? 1 : 0);
    long compressed = read / segments.segmentLength();
    LOG.info(
        "{} tokens after a prompt of {}, {}; {} segments in {} memories",
        generated,
        memorized + prompt.length,
        limited ? "up to the limit" : "up to the end of the text",
        compressed,
        compressed * segments.memoryTokens());
  }

  private static double secondsOfProcess() {
    return (System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime()) / 1e3;
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
