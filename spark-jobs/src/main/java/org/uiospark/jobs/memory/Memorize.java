package org.uiospark.jobs.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.ListedText;
import org.uiospark.data.commit.WorkFolder;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.task.FittingData;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.SentAdapter;
import org.uiospark.jobs.task.TaskData;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.MemoryOrigin;
import org.uiospark.model.segment.TrainedPositions;
import org.uiospark.model.serve.ServingFiles;

/**
 * Reads documents once: prep turns them into tokens, and what of these has no memory yet gets one,
 * a file a text. Some texts at a time are committed, so a run that is killed loses little.
 */
public final class Memorize {
  private static final Logger LOG = LoggerFactory.getLogger(Memorize.class);

  /** The data set of the tokens, in the folder of the memories. */
  private static final String TEXTS = "text";

  /** Segments that are committed together, about. */
  private static final int COMMIT_SEGMENTS = 1 << 13;

  /** Prep closes each document with a token, which is not read here. */
  private static final int CLOSING = 0;

  private final JavaSparkContext spark;
  private final int commitSegments;
  private final MemorizeSettings settings;
  private final Configuration configuration;
  private final OutputFolder folder;
  private final OutputFolder adapterFolder;
  private final ModelFolder model;
  private final LoadedAdapter loaded;
  private final LlamaConfig base;
  private final ModelReference reference;
  private final MemoryOrigin origin;

  private Memorize(SparkSession session, MemorizeSettings settings, int commitSegments) {
    this.commitSegments = commitSegments;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.settings = settings;
    this.configuration = spark.hadoopConfiguration();
    this.folder = OutputFolder.of(settings.output(), configuration);
    folder.requireWritable();
    this.adapterFolder = OutputFolder.of(settings.adapter(), configuration);
    this.loaded = AdapterSource.adapter(adapterFolder);
    this.model = ModelFolder.of(settings.model(), configuration);
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model.path())) {
      this.base = checkpoint.config();
      this.reference =
          ModelReference.of(model, checkpoint, loaded.config(), settings.memoryTokens());
    }
    this.origin = MemoryOrigin.of(reference.fingerprint(), loaded.adapter(), reference.segments());
  }

  /**
   * Runs.
   *
   * @throws InvalidInputException if nothing can be made of the input, or the output holds memories
   *     that were made with something else
   */
  public static MemorizeSummary run(SparkSession session, MemorizeSettings settings) {
    return run(session, settings, COMMIT_SEGMENTS);
  }

  /**
   * The same.
   *
   * @param commitSegments that are committed together, about
   */
  static MemorizeSummary run(SparkSession session, MemorizeSettings settings, int commitSegments) {
    long started = System.nanoTime();
    Memorize memorize = new Memorize(session, settings, commitSegments);
    try {
      MemoryIndex index = MemoryIndex.read(memorize.folder, memorize.origin);
      PrepSettings prep = memorize.prep();
      String read = new PrepJob(session, prep).run().text();
      MemorizeSummary summary = new MemorizeSummary(memorize.folder, read);
      memorize.addTo(index, prep.output(), summary);
      List<MemoryEntry> back = new NamesNow(prep, memorize.configuration).takenBack(index);
      if (!back.isEmpty()) {
        index.commit(back);
        back.forEach(entry -> LOG.info("{} is an earlier text again", entry.docId()));
      }
      summary.end((System.nanoTime() - started) / 1e9);
      return summary;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PrepSettings prep() {
    int length = reference.segmentLength();
    return new PrepSettings(
        settings.inputs(),
        InputFile.name(folder.file(TEXTS)),
        tokenizer(),
        Objective.LM,
        new Cutting(length, MemoryJob.PIECE, 1, CLOSING),
        settings.reading(),
        Repeats.KEPT,
        settings.shardBytes(),
        settings.maxRejectedShare());
  }

  /** That beside the model, else that in the export. */
  private String tokenizer() {
    java.nio.file.Path beside = model.path().resolve(ServingFiles.TOKENIZER);
    return Files.exists(beside) || !adapterFolder.has(ServingFiles.TOKENIZER)
        ? beside.toAbsolutePath().toString()
        : InputFile.name(adapterFolder.file(ServingFiles.TOKENIZER));
  }

  private void addTo(MemoryIndex index, String texts, MemorizeSummary summary) throws IOException {
    SequenceDataSet data = new FittingData(model, base).open(texts, configuration);
    List<ListedText> missing =
        new DocumentLedgers(texts, configuration)
            .texts(data.description().ledgers()).stream()
                .filter(text -> !index.has(text.docId(), text.sha256()))
                .toList();
    warnOfPositions(missing);
    // Texts of the same content share a file, whatever their names.
    Map<String, List<ListedText>> contents = new LinkedHashMap<>();
    for (ListedText text : missing) {
      contents.computeIfAbsent(text.sha256(), key -> new ArrayList<>()).add(text);
    }
    TextTokens tokens =
        new TextTokens(TaskData.of(data, configuration), MemoryJob.PIECE * origin.segmentLength());
    // By the larger type, whatever the tasks compute in: pieces follow from the texts alone.
    int piece =
        MemoryLayout.of(base, BasePrecision.FLOAT32)
            .pieceSegments(origin.memoryTokens(), MemoryJob.PIECE);
    try (SentAdapter adapter = new SentAdapter(spark, reference, loaded.adapter())) {
      int done = 0;
      for (List<List<ListedText>> batch : batches(contents.values())) {
        try (WorkFolder work = WorkFolder.create(settings.output(), configuration)) {
          MemoryTask task =
              new MemoryTask(
                  adapter.model(),
                  origin,
                  tokens,
                  folder.root().toString(),
                  work.path().toString(),
                  HadoopSettings.of(configuration));
          add(index, batch, new MemoryJob(spark, task, piece), summary);
        }
        done += batch.size();
        LOG.info("{} of {} texts are memorized", done, contents.size());
      }
    }
  }

  private void warnOfPositions(List<ListedText> texts) {
    long longest = texts.stream().mapToLong(ListedText::tokens).max().orElse(0);
    if (longest > 0) {
      new TrainedPositions(base.rotary().maxPositions(), reference.segments())
          .warning("The longest text", longest)
          .ifPresent(LOG::warn);
    }
  }

  private List<List<List<ListedText>>> batches(Iterable<List<ListedText>> contents) {
    List<List<List<ListedText>>> batches = new ArrayList<>();
    long held = commitSegments;
    for (List<ListedText> content : contents) {
      if (held >= commitSegments) {
        batches.add(new ArrayList<>());
        held = 0;
      }
      batches.get(batches.size() - 1).add(content);
      held += content.get(0).tokens() / origin.segmentLength() + 1;
    }
    return batches;
  }

  /** Memorizes some contents and commits them under the names of all their texts. */
  private static void add(
      MemoryIndex index, List<List<ListedText>> contents, MemoryJob job, MemorizeSummary summary)
      throws IOException {
    List<ListedText> fresh =
        contents.stream()
            .map(texts -> texts.get(0))
            .filter(text -> index.of(text.sha256()) == null)
            .toList();
    List<MemoryWork> work = job.compare(fresh, index.byFirstSegment());
    Map<String, MemoryEntry> written = new LinkedHashMap<>();
    for (MemoryEntry entry : job.memorize(work)) {
      written.put(entry.textSha256(), entry);
    }
    List<MemoryEntry> added = new ArrayList<>();
    for (List<ListedText> texts : contents) {
      String content = texts.get(0).sha256();
      MemoryEntry entry = written.getOrDefault(content, index.of(content));
      texts.stream().map(text -> entry.named(text.docId())).distinct().forEach(added::add);
    }
    index.commit(added);
    summary.add(added, work);
  }
}
