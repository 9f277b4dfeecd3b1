package org.uiospark.data.prep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Duplicates;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.Repeats;
import org.uiospark.data.settings.TextReading;
import org.uiospark.data.summary.PrepSummary;
import org.uiospark.data.summary.RecordLedger;

/**
 * Prep of a folder that {@code datasets} saved, an Arrow file and Parquet with equal and nearly
 * equal texts across them, killed at random moments. The long form is that of {@link PrepKillTest}.
 */
@Tag("cluster")
class KilledTablesTest {
  private static final int KILLS = Integer.getInteger("uio.prep.kills", 3);
  private static final long SEED = Long.getLong("uio.prep.seed", 7);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String READY = "ready";

  private static final int TEXTS = 120;
  private static final int COPIES = 40;
  private static final int NEAR = 24;
  private static final int SHORT = 6;
  private static final int WITHOUT_TEXT = 3;

  @TempDir static Path folder;

  private static KilledRuns runs;

  @BeforeAll
  static void writeCorpus() throws IOException {
    runs = new KilledRuns(folder);
    Files.write(
        folder.resolve("tokenizer.json"), PrepFixture.resource("/tiny-llama/tokenizer.json"));
    List<JsonNode> records = records();
    Path in = Files.createDirectories(folder.resolve("in"));
    int third = records.size() / 3;
    // Two files of one length each.
    SavedTables.save(in.resolve("saved"), records.subList(0, third / 2 * 2));
    try (FileChannel out =
        FileChannel.open(
            in.resolve("table.arrow"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SavedTables.arrow(
          records.subList(third / 2 * 2, 2 * third), root -> new ArrowFileWriter(root, null, out));
    }
    List<String> lines = new ArrayList<>();
    records.subList(2 * third, records.size()).forEach(record -> lines.add(record.toString()));
    for (int i = 0; i < WITHOUT_TEXT; i++) {
      lines.add("{\"id\": \"w" + i + "\", \"text\": null}");
    }
    Path parquet = Files.write(folder.resolve("lines.jsonl"), lines);
    try (SparkSession session = PrepFixture.session(2)) {
      session
          .read()
          .json(parquet.toString())
          .coalesce(2)
          .write()
          .option("parquet.block.size", 20_000)
          .parquet(in.resolve("tables").toString());
    }
  }

  /** In a random order, so that every kind holds originals and copies of the others'. */
  private static List<JsonNode> records() throws IOException {
    String book = PrepFixture.book();
    TreeMap<String, String> texts = new TreeMap<>();
    for (int i = 0; i < TEXTS; i++) {
      String text = book.substring(1_500 * i, 1_500 * (i + 1));
      texts.put("d" + i, text);
      if (i < COPIES) {
        texts.put("c" + i, text);
      }
      if (i >= TEXTS - NEAR) {
        // One word of some 270.
        texts.put("n" + i, text.substring(0, 700) + " indeed " + text.substring(700));
      }
    }
    for (int i = 0; i < SHORT; i++) {
      texts.put("s" + i, "Short, number " + i);
    }
    List<JsonNode> records = new ArrayList<>();
    texts.forEach((id, text) -> records.add(JSON.valueToTree(Map.of("id", id, "text", text))));
    Collections.shuffle(records, new Random(SEED));
    return records;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.8})
  void killedAtRandomMomentsAndRunAgainItGivesTheSameRows(double near) throws Exception {
    String undisturbed = "undisturbed-" + near;
    assertThat(start(undisturbed, near).waitFor()).as(() -> runs.log(undisturbed)).isZero();
    assertThat(runs.log(undisturbed).lines()).contains(ledger(near).text());

    List<String> outputs =
        runs.kill(
            KILLS,
            "killed-" + near,
            // Some come late, into the commit, and some too late.
            1.2 * runs.millis(undisturbed),
            new Random(SEED + Double.hashCode(near)),
            output -> {
              Process process = start(output, near);
              while (process.isAlive() && !runs.log(output).contains(READY)) {
                Thread.sleep(5);
              }
              return process;
            });
    try (SparkSession session = PrepFixture.session(2)) {
      for (String output : outputs) {
        boolean decided = runs.isDecided(output);
        PrepSummary rest = new PrepJob(session, settings(folder, output, near)).run();
        assertThat(rest.ledger().missing()).isZero();
        assertThat(rest.ledger().records()).isEqualTo(ledger(near).records());
        if (!decided) {
          assertThat(rest.ledger()).isEqualTo(ledger(near));
        }
        runs.assertSame(output, undisturbed);
      }
    }
  }

  /** What the corpus was made of. */
  private static RecordLedger ledger(double near) {
    Map<String, Long> left = new TreeMap<>();
    left.put("duplicate of another text", (long) COPIES);
    left.put("shorter than 2 segments", (long) SHORT);
    left.put("malformed line", (long) WITHOUT_TEXT);
    if (near > 0) {
      left.put("near duplicate of another text", (long) NEAR);
    }
    int kept = near > 0 ? TEXTS : TEXTS + NEAR;
    return new RecordLedger(TEXTS + COPIES + NEAR + SHORT + WITHOUT_TEXT, kept, 0, left);
  }

  private static Process start(String output, double near) throws IOException {
    return runs.start(output, Prepare.class, folder, output, near);
  }

  private static PrepSettings settings(Path folder, String output, double near) {
    return new PrepSettings(
        List.of(folder.resolve("in").toString()),
        folder.resolve(output).toString(),
        folder.resolve("tokenizer.json").toString(),
        Objective.LM,
        new Cutting(64, 4, 2, 0),
        new TextReading(RecordFields.ofText("text"), 0.001),
        new Repeats(Duplicates.DROP, near),
        20_000,
        0.1);
  }

  /** A run of prep in a JVM of its own; prints its ledger and its milliseconds. */
  static final class Prepare {
    private Prepare() {}

    public static void main(String[] arguments) throws IOException {
      try (SparkSession spark = PrepFixture.session(2)) {
        System.out.println(READY);
        double near = Double.parseDouble(arguments[2]);
        PrepSummary summary =
            new PrepJob(spark, settings(Path.of(arguments[0]), arguments[1], near)).run();
        System.out.println(summary.ledger().text());
        System.out.println((long) (summary.seconds() * 1000));
      }
    }
  }
}
