package org.uiospark.data.prep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.commit.Addition;
import org.uiospark.data.commit.CommitLog;
import org.uiospark.data.commit.CommitLog.Move;
import org.uiospark.data.commit.DocumentLedgers;
import org.uiospark.data.commit.WorkFolder;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.dataset.DataSetState;
import org.uiospark.data.dataset.Recipe;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.encode.ChatTemplate;
import org.uiospark.data.listing.InputListing;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.SourceKind.Content;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;
import org.uiospark.model.text.TokenizerIdentity;

/** Tokenizes a corpus into a data set; a second run adds only the documents that are new. */
public final class PrepJob {
  private static final Logger LOG = LoggerFactory.getLogger(PrepJob.class);

  private final SparkSession spark;
  private final PrepSettings settings;
  private final Configuration configuration;
  private final DocumentLedgers ledgers;
  private final LedgerRuns lists;

  /** Makes a job; nothing is read before it runs. */
  public PrepJob(SparkSession spark, PrepSettings settings) {
    this.spark = spark;
    this.settings = settings;
    this.configuration = spark.sparkContext().hadoopConfiguration();
    this.ledgers = new DocumentLedgers(settings.output(), configuration);
    this.lists = new LedgerRuns(spark, settings.output());
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
      byte[] tokenizer = tokenizerBytes();
      ChatConfig chat = ChatConfig.of(settings, configuration);
      Recipe recipe = recipe(tokenizer, chat);
      CorpusRun corpus = new CorpusRun(spark, settings, tokenizer, chat);
      CommitLog log = new CommitLog(settings.output(), configuration);
      Optional<Outcome> added = add(log, recipe, corpus);
      while (added.isEmpty()) {
        // Each time round another run has made progress, so this ends.
        added = add(log, recipe, corpus);
      }
      return added.get().summary((System.nanoTime() - started) / 1e9);
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
      listing();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  private Recipe recipe(byte[] json, ChatConfig chat) {
    TextTokenizer tokenizer = SharedTokenizer.of(json, settings.tokenizer());
    int eos = settings.cutting().eosTokenId();
    if (eos >= tokenizer.vocabularySize()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "eos-token-id %d is outside the vocabulary of %d pieces of %s",
              eos,
              tokenizer.vocabularySize(),
              settings.tokenizer()));
    }
    return new Recipe(
        settings.objective(),
        settings.cutting(),
        TokenizerIdentity.of(json, settings.tokenizer()),
        tokenizer.vocabularySize(),
        chat.template().map(ChatTemplate::sha256).orElse(""));
  }

  /** What was added; empty if another run committed first, and then nothing was. */
  private Optional<Outcome> add(CommitLog log, Recipe recipe, CorpusRun corpus) throws IOException {
    log.rollForward();
    DataSetDescription before =
        DataSetState.exists(settings.output(), configuration)
            ? DataSetState.read(settings.output(), configuration)
            : DataSetDescription.empty(settings.output(), recipe);
    requireSame(before.recipe(), recipe);
    InputListing.Files files = listing();
    files.mixed().forEach(line -> LOG.warn("{}", line));
    try (WorkFolder work = WorkFolder.create(settings.output(), configuration)) {
      List<Ledger> known = ledgers.pages(before.ledgers());
      lists.check(known);
      Outcome outcome = corpus.run(files, known, work.path());
      outcome.requireReadable();
      outcome.requireSequences(before.sequences());
      return outcome.isNothingNew() || commit(log, before, outcome, work)
          ? Optional.of(outcome)
          : Optional.empty();
    }
  }

  private void requireSame(Recipe before, Recipe now) {
    List<String> changes = before.changes(now);
    if (!changes.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s was made with other settings (%s); use those or another output",
              settings.output(),
              String.join(", ", changes)));
    }
  }

  private InputListing.Files listing() throws IOException {
    InputListing.Files files = InputListing.of(settings, configuration);
    if (settings.objective() == Objective.SFT) {
      files.slices().stream()
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
    return files;
  }

  /** Returns false if another run committed first. */
  private boolean commit(CommitLog log, DataSetDescription before, Outcome outcome, WorkFolder work)
      throws IOException {
    int generation = before.ledgers().size();
    List<Move> pages = lists.pages(generation, outcome.results(), work.path());
    Move list = ledgers.list(generation, pages, work.path());
    Addition addition = Addition.of(before, outcome.parts(), pages, list);
    // Before the claim, for one that seems to fail may have succeeded: then the files are
    // committed.
    work.handOver();
    if (log.claim(
        addition, DataSetState.json(addition.after(), spark.version()), work.path().getName())) {
      log.rollForward();
      return true;
    }
    work.takeBack();
    LOG.warn(
        "{} was changed meanwhile by another run of prep ({}); this run looks again for what is missing",
        settings.output(),
        log.owner(before));
    return false;
  }
}
