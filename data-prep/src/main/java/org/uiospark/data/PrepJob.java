package org.uiospark.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.CommitLog.Move;
import org.uiospark.data.DataSetDescription.DataFile;
import org.uiospark.data.DataSetDescription.Ledger;
import org.uiospark.model.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.TokenizerIdentity;

/** Tokenizes a corpus into a data set; a second run adds only the documents that are new. */
public final class PrepJob {
  private static final Logger LOG = LoggerFactory.getLogger(PrepJob.class);

  /** One a JVM, by SHA-256 of its file: driver and tasks share it. */
  private static final ConcurrentHashMap<String, TextTokenizer> TOKENIZERS =
      new ConcurrentHashMap<>();

  private final SparkSession spark;
  private final PrepSettings settings;
  private final Configuration configuration;
  private final DocumentLedgers ledgers;

  /** A job that has not begun. */
  public PrepJob(SparkSession spark, PrepSettings settings) {
    this.spark = spark;
    this.settings = settings;
    this.configuration = spark.sparkContext().hadoopConfiguration();
    this.ledgers = new DocumentLedgers(settings.output(), configuration);
  }

  /**
   * Runs and commits. Where another run changes the output meanwhile, this one says so and adds
   * what is then still missing.
   *
   * @throws InvalidInputException if nothing can be made of the input; then nothing is committed
   */
  public PrepSummary run() {
    long started = System.nanoTime();
    try {
      byte[] json = tokenizerBytes();
      ChatConfig chat = ChatConfig.of(settings, configuration);
      return run(json, tokenizer(json, settings.tokenizer()), chat, started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static TextTokenizer tokenizer(byte[] json, String where) {
    return TOKENIZERS.computeIfAbsent(Sha256.hex(json), key -> TextTokenizer.parse(json, where));
  }

  private byte[] tokenizerBytes() {
    InputFile file = new InputFile(settings.tokenizer(), configuration);
    if (!file.exists()) {
      throw new InvalidInputException(
          "tokenizer %s does not exist; give the tokenizer.json of the model"
              .formatted(file.name()));
    }
    return file.bytes();
  }

  private PrepSummary run(byte[] json, TextTokenizer tokenizer, ChatConfig chat, long started)
      throws IOException {
    if (settings.eosTokenId() >= tokenizer.vocabularySize()) {
      throw new InvalidInputException(
          "eos-token-id %d is outside the vocabulary of %d pieces of %s"
              .formatted(settings.eosTokenId(), tokenizer.vocabularySize(), settings.tokenizer()));
    }
    CommitLog log = new CommitLog(settings.output(), configuration);
    while (true) {
      Optional<List<ShardResult>> added = add(log, json, tokenizer, chat);
      if (added.isPresent()) {
        return summary(added.get(), (System.nanoTime() - started) / 1e9);
      }
      // Each time round another run has made progress, so this ends.
    }
  }

  /** What was added; empty if another run committed first, and then nothing was. */
  private Optional<List<ShardResult>> add(
      CommitLog log, byte[] json, TextTokenizer tokenizer, ChatConfig chat) throws IOException {
    log.rollForward();
    DataSetDescription now = empty(json, tokenizer, chat.template());
    DataSetDescription before =
        DataSetState.exists(settings.output(), configuration)
            ? DataSetState.read(settings.output(), configuration)
            : now;
    checkSame(before, now);
    List<Slice> slices = InputListing.slices(settings, configuration);
    checkRecords(slices);
    try (WorkFolder work = WorkFolder.create(settings.output(), configuration)) {
      HashMap<DocumentKey, Integer> known = ledgers.known(before.ledgers());
      List<ShardResult> results = runShards(json, chat, known, slices, work.path());
      checkRejected(results);
      checkNotEmpty(before, results);
      boolean nothingNew = results.stream().allMatch(r -> r.seen == 0);
      return nothingNew || commit(log, before, results, work)
          ? Optional.of(results)
          : Optional.empty();
    }
  }

  private void checkRecords(List<Slice> slices) {
    if (settings.objective() == Objective.SFT) {
      slices.stream()
          .filter(slice -> !slice.lines())
          .findFirst()
          .ifPresent(
              text -> {
                throw new InvalidInputException(
                    "input %s is plain text; objective sft reads .jsonl with prompt and response, or messages"
                        .formatted(text.path()));
              });
    }
  }

  private DataSetDescription empty(
      byte[] json, TextTokenizer tokenizer, Optional<ChatTemplate> template) {
    return new DataSetDescription(
        settings.output(),
        "",
        settings.segmentLength(),
        settings.maxSegments(),
        settings.minSegments(),
        TokenizerIdentity.of(json, settings.tokenizer()),
        settings.eosTokenId(),
        tokenizer.vocabularySize(),
        0,
        0,
        List.of(),
        List.of(),
        settings.objective(),
        template.map(ChatTemplate::sha256).orElse(""));
  }

  private void checkSame(DataSetDescription before, DataSetDescription now) {
    List<String> changes = new ArrayList<>();
    change(changes, "objective", before.objective().key(), now.objective().key());
    change(changes, "segment-length", before.segmentLength(), now.segmentLength());
    change(changes, "max-segments", before.maxSegments(), now.maxSegments());
    change(changes, "min-segments", before.minSegments(), now.minSegments());
    change(changes, "eos-token-id", before.eosTokenId(), now.eosTokenId());
    if (!before.tokenizer().isSame(now.tokenizer())) {
      change(changes, "tokenizer sha256", before.tokenizer().sha256(), now.tokenizer().sha256());
    }
    change(changes, "chat template sha256", before.chatTemplateSha256(), now.chatTemplateSha256());
    if (!changes.isEmpty()) {
      throw new InvalidInputException(
          "%s was made with other settings (%s); use those or another output"
              .formatted(settings.output(), String.join(", ", changes)));
    }
  }

  private static void change(List<String> changes, String name, Object was, Object now) {
    if (!was.equals(now)) {
      changes.add("%s %s, now %s".formatted(name, was, now));
    }
  }

  private List<ShardResult> runShards(
      byte[] json,
      ChatConfig chat,
      HashMap<DocumentKey, Integer> known,
      List<Slice> slices,
      Path work) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    HadoopSettings hadoop = HadoopSettings.of(configuration);
    // The longest first: no long one begins when the other cores are about to run out of work.
    List<Shard> shards =
        Shard.pack(numbered(context, hadoop, slices), settings.shardBytes()).stream()
            .sorted(Comparator.comparingLong(Shard::bytes).reversed())
            .toList();
    Broadcast<byte[]> tokenizerJson = context.broadcast(json);
    Broadcast<ChatConfig> chatConfig = context.broadcast(chat);
    Broadcast<HashMap<DocumentKey, Integer>> documents = context.broadcast(known);
    List<ShardResult> results =
        new ShardRuns(settings, tokenizerJson, chatConfig, documents, work.toString(), hadoop)
            .run(context, shards);
    tokenizerJson.unpersist();
    chatConfig.unpersist();
    documents.unpersist();
    return results.stream().sorted(Comparator.comparingInt(r -> r.shard)).toList();
  }

  /** Gives the slices inside a file the number of lines before them; reads split files once. */
  private static List<Slice> numbered(
      JavaSparkContext context, HadoopSettings hadoop, List<Slice> slices) {
    List<Slice> split = followed(slices);
    if (split.isEmpty()) {
      return slices;
    }
    List<Long> counts =
        context
            .parallelize(split, split.size())
            .map(slice -> countLines(slice, hadoop.configuration()))
            .collect();
    Map<Slice, Long> lines = new HashMap<>();
    for (int i = 0; i < split.size(); i++) {
      lines.put(split.get(i), counts.get(i));
    }
    List<Slice> numbered = new ArrayList<>();
    long first = 0;
    for (Slice slice : slices) {
      first = slice.start() == 0 ? 0 : first;
      numbered.add(slice.after(first));
      first += lines.getOrDefault(slice, 0L);
    }
    return numbered;
  }

  /** Those that do not end with their file: the next one begins where they end. */
  static List<Slice> followed(List<Slice> slices) {
    return IntStream.range(1, slices.size())
        .filter(i -> slices.get(i).start() > 0)
        .mapToObj(i -> slices.get(i - 1))
        .toList();
  }

  /** Of the lines that begin in the slice. */
  private static long countLines(Slice slice, Configuration configuration) throws IOException {
    try (InputStream in = ShardTask.open(slice, configuration)) {
      LineStream lines = ShardTask.lineStream(in, slice);
      long count = 0;
      while (lines.position() < slice.end() && lines.next() != null) {
        count++;
      }
      return count;
    }
  }

  private void checkRejected(List<ShardResult> results) {
    long lines = 0;
    long malformed = 0;
    long documents = 0;
    long unencodable = 0;
    String first = null;
    String firstUnencodable = null;
    for (ShardResult result : results) {
      if (result.failure != null) {
        throw new InvalidInputException(result.failure);
      }
      lines += result.lines;
      malformed += result.rejected.getOrDefault(ShardResult.MALFORMED, 0L);
      first = first == null && !result.malformed.isEmpty() ? result.malformed.get(0) : first;
      long refused = result.rejected.getOrDefault(ShardResult.UNENCODABLE, 0L);
      documents += result.seen + result.skipped + refused;
      unencodable += refused;
      firstUnencodable = firstUnencodable == null ? result.unencodable : firstUnencodable;
    }
    if (malformed > settings.maxRejectedShare() * lines) {
      throw new InvalidInputException(
          "%d of %d JSONL lines are malformed, more than max-rejected-share %s; the first is %s"
              .formatted(malformed, lines, settings.maxRejectedShare(), first));
    }
    // One alone never ends a run: it is a share of nothing where books are few.
    if (unencodable > Math.max(1, settings.maxRejectedShare() * documents)) {
      throw new InvalidInputException(
          "%d of %d documents cannot be tokenized, more than max-rejected-share %s; the first is %s"
              .formatted(unencodable, documents, settings.maxRejectedShare(), firstUnencodable));
    }
  }

  private void checkNotEmpty(DataSetDescription before, List<ShardResult> results) {
    if (before.sequences() == 0 && results.stream().allMatch(r -> r.rows == 0)) {
      PrepSummary summary = summary(results, 0);
      String example = summary.examples().isEmpty() ? "" : ", as " + summary.examples().get(0);
      throw new InvalidInputException(
          "empty corpus: %s gave no sequence (left out: %s%s); add text or lower min-segments"
              .formatted(String.join(", ", settings.inputs()), summary.rejected(), example));
    }
  }

  /** Returns false if another run committed first. */
  private boolean commit(
      CommitLog log, DataSetDescription before, List<ShardResult> results, WorkFolder work)
      throws IOException {
    List<ShardResult> filled = results.stream().filter(r -> r.rows > 0).toList();
    List<DataFile> data = new ArrayList<>(before.files());
    List<Move> moves = new ArrayList<>();
    int total = data.size() + filled.size();
    for (ShardResult result : filled) {
      String name = "data-%05d-of-%05d.arrow".formatted(data.size(), total);
      data.add(new DataFile(name, result.rows, result.bytes, result.sha256));
      moves.add(new Move(new Path(result.dataPath).getName(), name, result.sha256));
    }
    List<Ledger> lists = new ArrayList<>(before.ledgers());
    Ledger ledger = ledgers.join(lists.size(), results, work.path());
    moves.add(new Move(ledger.filename(), ledger.filename(), ledger.sha256()));
    lists.add(ledger);
    DataSetDescription after =
        new DataSetDescription(
            before.uri(),
            fingerprint(before, data),
            before.segmentLength(),
            before.maxSegments(),
            before.minSegments(),
            before.tokenizer(),
            before.eosTokenId(),
            before.vocabularySize(),
            before.sequences() + filled.stream().mapToLong(r -> r.rows).sum(),
            before.tokens() + filled.stream().mapToLong(r -> r.tokens).sum(),
            List.copyOf(data),
            List.copyOf(lists),
            before.objective(),
            before.chatTemplateSha256());
    // Before the claim: if that fails half-way, the files may be those of a commit that others see.
    work.handOver();
    if (!log.claim(
        before, DataSetState.json(after, spark.version()), work.path().getName(), moves)) {
      work.takeBack();
      LOG.warn(
          "{} was changed meanwhile by another run of prep ({}); this run looks again for what is missing",
          settings.output(),
          log.owner(before));
      return false;
    }
    log.rollForward();
    return true;
  }

  private static String fingerprint(DataSetDescription set, List<DataFile> data) {
    MessageDigest digest = Sha256.digest();
    String settings =
        "%s %d %d %d %s %s"
            .formatted(
                set.objective().key(),
                set.segmentLength(),
                set.maxSegments(),
                set.minSegments(),
                set.tokenizer().sha256(),
                set.chatTemplateSha256());
    digest.update(settings.getBytes(StandardCharsets.UTF_8));
    data.forEach(file -> digest.update(file.sha256().getBytes(StandardCharsets.UTF_8)));
    return Sha256.hex(digest).substring(0, 16);
  }

  private PrepSummary summary(List<ShardResult> results, double seconds) {
    Map<String, Long> rejected = new TreeMap<>();
    List<String> examples = new ArrayList<>();
    for (ShardResult result : results) {
      result.rejected.forEach((reason, count) -> rejected.merge(reason, count, Long::sum));
      examples.addAll(result.examples);
    }
    return new PrepSummary(
        results.stream().mapToLong(r -> r.documents).sum(),
        results.stream().mapToLong(r -> r.tokens).sum(),
        results.stream().mapToLong(r -> r.rows).sum(),
        results.stream().mapToLong(r -> r.skipped).sum(),
        rejected,
        examples.stream().limit(ShardResult.EXAMPLES).toList(),
        settings.output(),
        seconds);
  }
}
