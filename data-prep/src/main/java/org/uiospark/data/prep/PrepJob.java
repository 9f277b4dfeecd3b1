package org.uiospark.data.prep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.CommitLog;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.commit.DocumentKey;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.ShardResult;
import org.uiospark.data.commit.WorkFolder;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.dataset.DataSetState;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.encode.ChatTemplate;
import org.uiospark.data.prep.CorpusRun.Outcome;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.InputListing;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.source.SpoiledFile;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;
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

  /**
   * Looks for the input alone.
   *
   * @throws InvalidInputException if an input names no file, or one that prep does not read
   */
  public void requireInput() {
    try {
      checkRecords(InputListing.of(settings, configuration).slices());
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
          String.format(
              Locale.ROOT,
              "tokenizer %s %s; give the tokenizer.json of the model",
              file.name(),
              file.absence()));
    }
    return file.bytes();
  }

  private PrepSummary run(byte[] json, TextTokenizer tokenizer, ChatConfig chat, long started)
      throws IOException {
    if (settings.eosTokenId() >= tokenizer.vocabularySize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "eos-token-id %d is outside the vocabulary of %d pieces of %s",
              settings.eosTokenId(),
              tokenizer.vocabularySize(),
              settings.tokenizer()));
    }
    CommitLog log = new CommitLog(settings.output(), configuration);
    while (true) {
      Optional<Outcome> added = add(log, json, tokenizer, chat);
      if (added.isPresent()) {
        return summary(added.get(), (System.nanoTime() - started) / 1e9);
      }
      // Each time round another run has made progress, so this ends.
    }
  }

  /** What was added; empty if another run committed first, and then nothing was. */
  private Optional<Outcome> add(
      CommitLog log, byte[] json, TextTokenizer tokenizer, ChatConfig chat) throws IOException {
    log.rollForward();
    DataSetDescription now = empty(json, tokenizer, chat.template());
    DataSetDescription before =
        DataSetState.exists(settings.output(), configuration)
            ? DataSetState.read(settings.output(), configuration)
            : now;
    checkSame(before, now);
    InputListing.Files files = InputListing.of(settings, configuration);
    checkRecords(files.slices());
    try (WorkFolder work = WorkFolder.create(settings.output(), configuration)) {
      HashMap<DocumentKey, Integer> known = ledgers.known(before.ledgers());
      CorpusRun run = new CorpusRun(spark, settings, json, chat);
      Outcome outcome = run.run(files, known, work.path());
      List<ShardResult> results = outcome.results();
      checkRejected(results);
      checkNotEmpty(before, outcome);
      boolean nothingNew = results.stream().allMatch(r -> r.seen == 0);
      return nothingNew || commit(log, before, results, work)
          ? Optional.of(outcome)
          : Optional.empty();
    }
  }

  private void checkRecords(List<Slice> slices) {
    if (settings.objective() == Objective.SFT) {
      slices.stream()
          .filter(slice -> slice.kind().content() == Content.TEXT)
          .findFirst()
          .ifPresent(
              text -> {
                throw new InvalidInputException(
                    String.format(
                        Locale.ROOT,
                        "input %s is plain text; objective sft reads .jsonl, .json or .parquet with prompt and response, or messages",
                        text.path()));
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
          String.format(
              Locale.ROOT,
              "%s was made with other settings (%s); use those or another output",
              settings.output(),
              String.join(", ", changes)));
    }
  }

  private static void change(List<String> changes, String name, Object was, Object now) {
    if (!was.equals(now)) {
      changes.add(String.format(Locale.ROOT, "%s %s, now %s", name, was, now));
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
          String.format(
              Locale.ROOT,
              "%d of %d records are malformed, more than max-rejected-share %s; the first is %s",
              malformed,
              lines,
              settings.maxRejectedShare(),
              first));
    }
    // One alone never ends a run: it is a share of nothing where books are few.
    if (unencodable > Math.max(1, settings.maxRejectedShare() * documents)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%d of %d documents cannot be tokenized, more than max-rejected-share %s; the first is %s",
              unencodable,
              documents,
              settings.maxRejectedShare(),
              firstUnencodable));
    }
  }

  private void checkNotEmpty(DataSetDescription before, Outcome outcome) {
    List<ShardResult> results = outcome.results();
    boolean nothingRead = results.stream().allMatch(r -> r.seen + r.skipped == 0);
    if (nothingRead && !outcome.spoiled().isEmpty()) {
      Map.Entry<String, SpoiledFile> first = outcome.spoiled().entrySet().iterator().next();
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "no file of %s can be read: %d of %d are spoiled; the first, %s, is %s",
              String.join(", ", settings.inputs()),
              outcome.spoiled().size(),
              outcome.files().count(),
              first.getKey(),
              first.getValue().reason()));
    }
    if (before.sequences() == 0 && results.stream().allMatch(r -> r.rows == 0)) {
      PrepSummary summary = summary(outcome, 0);
      String example = summary.examples().isEmpty() ? "" : ", as " + summary.examples().get(0);
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "empty corpus: %s gave no sequence (left out: %s%s); add text or lower min-segments",
              String.join(", ", settings.inputs()),
              summary.rejected(),
              example));
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
      String name = String.format(Locale.ROOT, "data-%05d-of-%05d.arrow", data.size(), total);
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
        String.format(
            Locale.ROOT,
            "%s %d %d %d %s %s",
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

  private PrepSummary summary(Outcome outcome, double seconds) {
    List<ShardResult> results = outcome.results();
    Map<String, Long> rejected = new TreeMap<>();
    List<String> examples = new ArrayList<>();
    for (ShardResult result : results) {
      result.rejected.forEach((reason, count) -> rejected.merge(reason, count, Long::sum));
      examples.addAll(result.examples);
    }
    outcome.spoiled().values().forEach(each -> rejected.merge(each.kind(), 1L, Long::sum));
    return new PrepSummary(
        results.stream().mapToLong(r -> r.documents).sum(),
        results.stream().mapToLong(r -> r.tokens).sum(),
        results.stream().mapToLong(r -> r.rows).sum(),
        results.stream().mapToLong(r -> r.skipped).sum(),
        rejected,
        examples.stream().limit(ShardResult.EXAMPLES).toList(),
        sources(outcome),
        settings.output(),
        seconds);
  }

  private static SourceSummary sources(Outcome outcome) {
    TreeMap<String, Long> replaced = new TreeMap<>();
    outcome
        .results()
        .forEach(r -> r.replaced.forEach((path, bytes) -> replaced.merge(path, bytes, Long::sum)));
    TreeMap<String, String> spoiled = new TreeMap<>();
    outcome.spoiled().forEach((path, each) -> spoiled.put(path, each.reason()));
    return new SourceSummary(
        outcome.files().count() - spoiled.size(), outcome.files().notRead(), spoiled, replaced);
  }
}
