package org.uiospark.data.prep;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.TextReading;
import org.uiospark.model.segment.TokenSequence;

/** A folder of input in a test, with a tokenizer beside it. */
record Corpus(Path folder, SparkSession spark) {
  static Corpus in(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("in"));
    Files.write(folder.resolve("tokenizer.json"), resource("/tiny-llama/tokenizer.json"));
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    return new Corpus(folder, spark);
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = Corpus.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  Path path(String name) {
    return folder.resolve("in").resolve(name);
  }

  /** Writes a file, and the folders above it. */
  Path write(String name, byte[] content) throws IOException {
    Files.createDirectories(path(name).getParent());
    return Files.write(path(name), content);
  }

  /** Copies one of the files that others wrote. */
  Path format(String name) throws IOException {
    return write(name, resource("/formats/" + name));
  }

  PrepSettings settings(String output, List<String> inputs, Objective objective, String field) {
    return new PrepSettings(
        inputs,
        folder.resolve(output).toString(),
        folder.resolve("tokenizer.json").toString(),
        16,
        4,
        1,
        0,
        5_000,
        0.01,
        objective,
        new TextReading(field, TextReading.DEFAULT.maxReplacedShare()));
  }

  PrepSummary prepare(String output, Path... inputs) {
    List<String> names = List.of(inputs).stream().map(Path::toString).toList();
    return new PrepJob(spark, settings(output, names, Objective.LM, "text")).run();
  }

  /** The rows of a data set, by document and offset. */
  TreeMap<String, List<Integer>> rows(String output) {
    SequenceDataSet set =
        SequenceDataSet.open(folder.resolve(output).toString(), new Configuration());
    TreeMap<String, List<Integer>> rows = new TreeMap<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence row = set.sequence(i);
      List<Integer> ids = java.util.Arrays.stream(row.inputIds()).boxed().toList();
      rows.put(row.docId() + "@" + row.offset(), ids);
    }
    return rows;
  }
}
