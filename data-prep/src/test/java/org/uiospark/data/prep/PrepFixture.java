package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.model.segment.TokenSequence;

/**
 * What tests of prep start from: a Spark session for the class and, for each test, a folder with a
 * tokenizer and an empty folder for input.
 */
abstract class PrepFixture {
  static SparkSession spark;

  @TempDir Path folder;
  Path tokenizer;
  Path input;

  @BeforeAll
  static void startSpark() {
    spark = session(3);
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void writeTokenizer() throws IOException {
    tokenizer =
        Files.write(folder.resolve("tokenizer.json"), resource("/tiny-llama/tokenizer.json"));
    input = Files.createDirectory(folder.resolve("in"));
  }

  /** A session of so many tasks at once. */
  static SparkSession session(int threads) {
    return session("local[" + threads + "]");
  }

  static SparkSession session(String master) {
    return SparkSession.builder()
        .master(master)
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }

  static byte[] resource(String name) throws IOException {
    try (InputStream in = PrepFixture.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** 200,000 characters of English prose. */
  static String book() throws IOException {
    return new String(resource("/text/tom-sawyer-excerpt.txt"), StandardCharsets.UTF_8);
  }

  /** A file of the input. */
  Path path(String name) {
    return input.resolve(name);
  }

  /** Writes a file of the input, and the folders above it. */
  Path write(String name, byte[] content) throws IOException {
    Files.createDirectories(path(name).getParent());
    return Files.write(path(name), content);
  }

  /** The directory of a data set. */
  String out(String name) {
    return folder.resolve(name).toString();
  }

  /** Settings for language modelling that let one record in a hundred be malformed. */
  PrepSettings settings(String output, Cutting cutting, long shardBytes, String... inputs) {
    return new PrepSettings(
        List.of(inputs),
        out(output),
        tokenizer.toString(),
        Objective.LM,
        cutting,
        new TextReading(RecordFields.ofText("text"), 0.001),
        Repeats.KEPT,
        shardBytes,
        0.01);
  }

  /** A run in which no record is lost. */
  static PrepSummary prepare(PrepSettings settings) {
    PrepSummary summary = new PrepJob(spark, settings).run();
    assertThat(summary.ledger().missing()).isZero();
    return summary;
  }

  /** A data set that was committed. */
  SequenceDataSet open(String output) {
    return SequenceDataSet.open(out(output), spark.sparkContext().hadoopConfiguration());
  }

  /** The tokens of each sequence of a data set, by its document and offset. */
  TreeMap<String, List<Integer>> rows(String output) {
    SequenceDataSet set = open(output);
    TreeMap<String, List<Integer>> rows = new TreeMap<>();
    for (long i = 0; i < set.size(); i++) {
      TokenSequence row = set.sequence(i);
      rows.put(row.docId() + "@" + row.offset(), Arrays.stream(row.inputIds()).boxed().toList());
    }
    return rows;
  }
}
