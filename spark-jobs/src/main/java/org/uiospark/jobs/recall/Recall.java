package org.uiospark.jobs.recall;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TextTokenizer;

/**
 * Writes cases as prep reads them for the objective sft: a JSON object a line, with {@code prompt}
 * and {@code response}, and beside them {@code task}, {@code length}, {@code depth} and {@code
 * answers}. Task, length and depth of each are drawn.
 */
public final class Recall {
  private static final String TOKENIZER = "tokenizer.json";
  private static final String LINES = ".jsonl";

  /** Cases that are made at once, by all cores, and held in memory. */
  private static final int BLOCK = 64;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RecallSettings settings;
  private final RecallCases cases;

  private Recall(RecallSettings settings, RecallCases cases) {
    this.settings = settings;
    this.cases = cases;
  }

  /**
   * Writes the file; its name stands for all cases or for what it stood for before.
   *
   * @return a line for people
   * @throws InvalidInputException if it cannot be written, model or books cannot be used, or a
   *     length is too short
   */
  public static String write(RecallSettings settings, Configuration configuration) {
    if (!settings.output().endsWith(LINES)) {
      throw new InvalidInputException(
          "recall.output = "
              + settings.output()
              + " does not end in .jsonl, by which prep knows such a file; name one that does");
    }
    OutputFolder output = OutputFolder.of(settings.output(), configuration);
    OutputFolder folder = new OutputFolder(output.fs(), output.root().getParent());
    folder.requireWritable();
    try (TextTokenizer tokenizer = tokenizer(settings.model(), configuration)) {
      RecallCases cases =
          new RecallCases(
              tokenizer,
              settings.books(),
              configuration,
              settings.split(),
              settings.seed(),
              "recall.lengths");
      folder.create();
      AtomicWrite.replace(output.fs(), output.root(), new Recall(settings, cases)::writeTo);
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s cannot be written: %s; name another --output",
              output.root(),
              e.getMessage()),
          e);
    }
    return String.format(
        Locale.ROOT,
        "%d cases of the split %s: %s",
        settings.cases(),
        settings.split(),
        output.root());
  }

  private static TextTokenizer tokenizer(String model, Configuration configuration) {
    InputFile file = new InputFile(model.replaceFirst("/+$", "") + "/" + TOKENIZER, configuration);
    if (!file.exists()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "tokenizer %s %s; name the directory of a base model with its tokenizer.json",
              file.name(),
              file.absence()));
    }
    return TextTokenizer.parse(file.bytes(), file.name());
  }

  private void writeTo(OutputStream out) throws IOException {
    for (int first = 0; first < settings.cases(); first += BLOCK) {
      List<String> lines =
          IntStream.range(first, Math.min(settings.cases(), first + BLOCK))
              .parallel()
              .mapToObj(index -> line(drawn(index)))
              .toList();
      for (String line : lines) {
        out.write(line.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private RecallCase drawn(int index) {
    SplittableRandom random =
        KeyedRandom.of(settings.seed(), -1 - settings.split().ordinal(), index);
    List<Double> depths = settings.depths();
    return cases.of(
        settings.tasks().get(random.nextInt(settings.tasks().size())),
        settings.lengths().get(random.nextInt(settings.lengths().size())),
        depths.isEmpty() ? random.nextDouble() : depths.get(random.nextInt(depths.size())),
        index);
  }

  private static String line(RecallCase made) {
    ObjectNode record = JSON.createObjectNode();
    record.put("prompt", made.text() + made.question());
    record.put("response", made.answer().text());
    record.put("task", made.task().toString());
    record.put("length", made.length());
    record.put("depth", made.depth());
    made.answer().parts().forEach(record.putArray("answers")::add);
    try {
      return JSON.writeValueAsString(record) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are JSON", e);
    }
  }
}
