package org.uiospark.jobs.quickstart;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.prep.PrepJob;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.jobs.evaluate.EvaluateSettings;
import org.uiospark.jobs.evaluate.Evaluation;
import org.uiospark.jobs.export.Export;
import org.uiospark.jobs.generate.Generate;
import org.uiospark.jobs.prep.PrepSettingsReader;
import org.uiospark.jobs.recall.Recall;
import org.uiospark.jobs.recall.RecallSettings;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.jobs.settings.TrainSettings;
import org.uiospark.jobs.train.Trainer;

/** Every stage as its command runs it, only small: the embedded model, seven books, few steps. */
public final class Quickstart {
  private static final int PROMPT_CHARACTERS = 6000;
  private static final String BOOK = "heldout/persuasion.txt";
  private static final String ADAPTER = "recall-adapter";

  private final SparkSession session;
  private final Path folder;
  private final int steps;
  private final PrintWriter out;

  /**
   * @param wanted folder for everything; where it exists, one beside it
   * @param steps optimizer steps
   * @param out gets the results
   */
  public Quickstart(SparkSession session, Path wanted, int steps, PrintWriter out) {
    this.session = session;
    this.folder = unused(wanted.toAbsolutePath());
    this.steps = steps;
    this.out = out;
  }

  /** A folder of an earlier quickstart stays as it is: the next one gets a number. */
  private static Path unused(Path wanted) {
    Path folder = wanted;
    for (int i = 2; Files.exists(folder); i++) {
      folder = wanted.resolveSibling(wanted.getFileName() + "-" + i);
    }
    return folder;
  }

  /** Runs all stages. */
  public void run() {
    EmbeddedFiles.unpack(folder);
    stage("1. prep: books to segment sequences");
    prepare("books", "data");
    prepare("heldout", "heldout-data");
    stage("2. train: the adapter learns, the model stays as it is");
    train();
    stage("3. evaluate: held-out perplexity by context length in tokens");
    evaluate();
    stage("4. export");
    out.println(
        Export.run(
                settings(
                    "export",
                    Map.of(
                        "checkpoint", path("train"),
                        "output", path("adapter"),
                        "evaluation", path("evaluation"))),
                hadoop())
            .root());
    stage("5. generate: a continuation of pages from the middle of a held-out book");
    generate();
    stage("6. recall: a number hidden in a held-out book and asked for at the end, by an adapter");
    out.println(
        "that was trained on such cases (spark-jobs/docs/recall.md), and by the model alone");
    recall();
    far();
  }

  private void stage(String title) {
    out.printf(Locale.ROOT, "%n%s%n", title);
    out.flush();
  }

  private void prepare(String books, String output) {
    Settings settings =
        settings(
            "prep",
            Map.of(
                "input", List.of(path(books)),
                "output", path(output),
                "tokenizer", path("model/tokenizer.json")));
    PrepSettings prep = PrepSettingsReader.read(settings, hadoop());
    out.print(new PrepJob(session, prep).run().text());
    out.flush();
  }

  private void train() {
    Settings settings =
        settings(
            "train",
            Map.of(
                "model", path("model"),
                "data", path("data"),
                "output", path("train"),
                "steps", steps));
    new Trainer(session, TrainSettings.of(settings, false)).run();
    out.print(LossCurve.of(folder.resolve("train").resolve("metrics.jsonl")).text());
    out.flush();
  }

  private void evaluate() {
    evaluate(
        Map.of(
            "model", path("model"),
            "adapter", path("train"),
            "data", path("heldout-data"),
            "output", path("evaluation"),
            "sequences", 24));
  }

  private void evaluate(Map<String, Object> values) {
    new Evaluation(session, EvaluateSettings.of(settings("evaluate", values)))
        .run()
        .forEach(result -> out.print(result.text()));
    out.flush();
  }

  private void generate() {
    String book = read(folder.resolve(BOOK));
    int end = book.length() / 2;
    generate(book.substring(end - PROMPT_CHARACTERS, end), "adapter", 80, 0.8);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private void generate(String prompt, String adapter, int tokens, double temperature) {
    Path file = folder.resolve("prompt.txt");
    try {
      Files.writeString(file, prompt);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
    Settings settings =
        settings(
            "generate",
            Map.of(
                "model",
                path("model"),
                "adapter",
                path(adapter),
                "prompt-file",
                file.toString(),
                "max-new-tokens",
                tokens,
                "temperature",
                temperature,
                "top-p",
                0.9));
    Generate.run(settings, hadoop(), work -> work.accept(session), out);
  }

  private void recall() {
    evaluate(
        Map.of(
            "model",
            path("model"),
            "adapter",
            path(ADAPTER),
            "suite",
            List.of("recall"),
            "recall-lengths",
            List.of(512, 2048, 4096),
            "recall-depths",
            List.of(0.1, 0.5, 0.9),
            "recall-books",
            List.of(path(BOOK)),
            "output",
            path("recall")));
  }

  /** One of these cases in words: the number lies eight windows before the question. */
  private void far() {
    String cases = path("far.jsonl");
    Settings settings =
        settings(
            "recall",
            Map.of(
                "model",
                path("model"),
                "output",
                cases,
                "split",
                "test",
                "lengths",
                List.of(4096),
                "depths",
                List.of(0.05),
                "cases",
                1,
                "books",
                List.of(path(BOOK))));
    Recall.write(RecallSettings.of(settings), hadoop());
    FarCase far = FarCase.read(Path.of(cases));
    out.print(far.text());
    generate(far.prompt(), ADAPTER, 8, 0);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Configuration hadoop() {
    return session.sparkContext().hadoopConfiguration();
  }

  private static Settings settings(String section, Map<String, Object> values) {
    Map<String, Object> keyed = new HashMap<>();
    values.forEach((key, value) -> keyed.put(section + "." + key, value));
    return Settings.of(null, keyed);
  }
}
