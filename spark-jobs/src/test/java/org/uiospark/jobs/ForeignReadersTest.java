package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.dataset.SequenceDataSet;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TokenSequence;

/**
 * Data set and adapter, read in JavaScript: with Apache Arrow, and with a reader of safetensors
 * that knows the page of the format only. Needs Node.js with npm and a package registry.
 */
@Tag("cluster")
class ForeignReadersTest extends CommandInput {
  private static final Path SCRIPTS = Path.of("src/test/js");
  private static final int STOPPED = -1;

  @TempDir static Path scripts;

  @BeforeAll
  static void install() throws Exception {
    for (String file :
        List.of(
            "package.json",
            "package-lock.json",
            "safetensors.mjs",
            "read-safetensors.mjs",
            "read-data-set.mjs")) {
      Files.copy(SCRIPTS.resolve(file), scripts.resolve(file));
    }
    assumeTrue(
        present("node") && present("npm"),
        "Skipped: node or npm is missing; install Node.js 18 or later to run this test");
    assumeTrue(
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund") == 0,
        () -> "Skipped: npm did not install apache-arrow in 5 minutes: " + read("npm.err"));
  }

  private static boolean present(String program) throws Exception {
    try {
      return run(program, "--version") == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static int run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(scripts.toFile())
            .redirectOutput(scripts.resolve(command[0] + ".out").toFile())
            .redirectError(scripts.resolve(command[0] + ".err").toFile())
            .start();
    try {
      return process.waitFor(5, TimeUnit.MINUTES) ? process.exitValue() : STOPPED;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(String file) {
    try {
      return Files.readString(scripts.resolve(file));
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static JsonNode node(String script, Path argument) throws Exception {
    int status = run("node", script, argument.toAbsolutePath().toString());
    assertThat(read("node.err")).isEmpty();
    assertThat(status).isZero();
    return new ObjectMapper().readTree(read("node.out"));
  }

  @Test
  void arrowForJavaScriptReadsEveryRowOfADataSet() throws Exception {
    Path books = Files.createDirectory(folder.resolve("books"));
    String book = Files.readString(BOOK);
    Files.writeString(books.resolve("one.txt"), book.substring(2000, 5000));
    Files.writeString(books.resolve("two.txt"), book.substring(9000, 16000));
    assertThat(prep(books, "--max-segments", 4).status()).isZero();
    SequenceDataSet data = SequenceDataSet.open(output.toString(), new Configuration());

    JsonNode read = node("read-data-set.mjs", output);

    assertThat(read.get("schema").get("input_ids").asText()).isEqualTo("List<Int32>");
    assertThat(read.get("schema").get("doc_id").asText()).isEqualTo("Utf8");
    assertThat(read.get("schema").get("offset").asText()).isEqualTo("Int64");
    assertThat(read.get("rows").size()).isEqualTo((int) data.size()).isGreaterThan(10);
    for (int i = 0; i < data.size(); i++) {
      JsonNode row = read.get("rows").get(i);
      TokenSequence sequence = data.sequence(i);
      assertThat(
              StreamSupport.stream(row.get("input_ids").spliterator(), false)
                  .mapToInt(JsonNode::asInt)
                  .toArray())
          .containsExactly(sequence.inputIds());
      assertThat(row.get("doc_id").asText()).isEqualTo(sequence.docId());
      assertThat(row.get("offset").asLong()).isEqualTo(sequence.offset());
    }
  }

  @Test
  void aReaderFromTheFormatsPageReadsAdapterAndPeftFiles() throws Exception {
    Adapter adapter = SavedRun.adapter(model, 4, 8);
    SavedRun.write(folder.resolve("run"), model, adapter, new SegmentSettings(32, 4));
    assertThat(export(folder.resolve("run")).status()).isZero();

    assertTensors(
        node("read-safetensors.mjs", output.resolve("adapter.safetensors")), adapter, "", "");
    for (String part : List.of("encoder.", "transfer.")) {
      Path file =
          output
              .resolve("peft")
              .resolve(part.replace(".", ""))
              .resolve("adapter_model.safetensors");
      assertTensors(node("read-safetensors.mjs", file), adapter, part, "base_model.model.model.");
    }
  }

  /** The tensors of the adapter that start with {@code part}, named otherwise. */
  private static void assertTensors(JsonNode read, Adapter adapter, String part, String instead) {
    List<AdapterShape.Slot> slots =
        adapter.shape().slots().stream().filter(slot -> slot.name().startsWith(part)).toList();
    assertThat(read.size()).isEqualTo(slots.size()).isPositive();
    for (AdapterShape.Slot slot : slots) {
      JsonNode tensor = read.get(instead + slot.name().substring(part.length()));
      assertThat(tensor.get("dtype").asText()).isEqualTo("F32");
      assertThat(tensor.get("shape").toString())
          .isEqualTo(Arrays.toString(slot.dimensions()).replace(" ", ""));
      JsonNode values = tensor.get("values");
      assertThat(values.size()).isEqualTo(slot.size());
      assertThat(
              IntStream.range(0, slot.size())
                  .filter(
                      i -> (float) values.get(i).asDouble() != adapter.values()[slot.offset() + i])
                  .count())
          .isZero();
    }
  }
}
