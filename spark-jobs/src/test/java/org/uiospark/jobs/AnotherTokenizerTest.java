package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Data whose ids are of another tokenizer than the model's, with a vocabulary of the same size. */
@Tag("cluster")
class AnotherTokenizerTest extends CommandInput {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STEPS = "--steps";

  @Test
  void isRefusedByEveryCommandThatReadsIt() throws IOException {
    Path other = prepared("other", otherIds());
    String[] says = {
      other.toString(),
      "prepared with another tokenizer",
      model.resolve("tokenizer.json").toString(),
      "prepare it with the latter"
    };

    assertRefused(train(model, other), says);
    assertRefused(train(model, Path.of(data() + ":0.5," + other + ":0.5")), says);
    assertRefused(train(model, data(), "--held-out", other), says);
    assertRefused(evaluate(model, adapter, other), says);
    assertRefused(
        CommandRun.of(
            "audit", "--model", model, "--adapter", adapter, "--data", other, "--repeats", 2),
        says);
    assertThat(output).doesNotExist();
  }

  @Test
  void theSameOneInOtherBytesIsTheSame() throws IOException {
    Path saved = prepared("saved", savedByAnOlderVersion());

    assertThat(train(model, saved, STEPS, 1).status()).isZero();
  }

  @Test
  void aDataSetThatDoesNotSayOrAModelWithoutOneIsTaken() throws IOException {
    Path silent = folder.resolve("silent");
    copyData(silent);
    ObjectNode state = (ObjectNode) JSON.readTree(silent.resolve("state.json").toFile());
    ((ObjectNode) state.get("uio")).remove(List.of("tokenizer_sha256", "tokenizer_fingerprint"));
    JSON.writeValue(silent.resolve("state.json").toFile(), state);
    assertThat(train(model, silent, STEPS, 1).status()).isZero();

    Files.delete(model.resolve("tokenizer.json"));
    output = folder.resolve("without");
    assertThat(train(model, data(), STEPS, 1).status()).isZero();
  }

  /** What only knows the bytes, as earlier versions wrote it, is compared by them. */
  @Test
  void anOlderDataSetIsComparedByTheBytes() throws IOException {
    Path older = folder.resolve("older");
    copyData(older);
    ObjectNode state = (ObjectNode) JSON.readTree(older.resolve("state.json").toFile());
    ((ObjectNode) state.get("uio")).remove("tokenizer_fingerprint");
    JSON.writeValue(older.resolve("state.json").toFile(), state);
    assertThat(train(model, older, STEPS, 1).status()).isZero();

    Files.copy(
        savedByAnOlderVersion(),
        model.resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    output = folder.resolve("bytes");
    assertRefused(train(model, older, STEPS, 1), "prepared with another tokenizer");
  }

  private Path prepared(String name, Path tokenizer) throws IOException {
    Path book = folder.resolve("book.txt");
    Files.writeString(book, Files.readString(BOOK).substring(2000, 4000));
    Path set = folder.resolve(name);
    CommandRun made = prep(book, "--tokenizer", tokenizer, "--output", set, "--eos-token-id", 0);
    assertThat(made.err()).isEmpty();
    return set;
  }

  private ObjectNode tokenizer() throws IOException {
    return (ObjectNode) JSON.readTree(model.resolve("tokenizer.json").toFile());
  }

  /** The same pieces, each with the id of another. */
  private Path otherIds() throws IOException {
    ObjectNode root = tokenizer();
    ObjectNode vocabulary = (ObjectNode) root.get("model").get("vocab");
    List<String> pieces = new ArrayList<>();
    vocabulary.fieldNames().forEachRemaining(pieces::add);
    pieces.remove("<|endoftext|>");
    List<Integer> ids = new ArrayList<>();
    pieces.forEach(piece -> ids.add(vocabulary.get(piece).asInt()));
    Collections.reverse(ids);
    for (int i = 0; i < pieces.size(); i++) {
      vocabulary.put(pieces.get(i), ids.get(i));
    }
    return write("other.json", root);
  }

  /** Indented, with merges as texts, and without keys that came later. */
  private Path savedByAnOlderVersion() throws IOException {
    ObjectNode root = tokenizer();
    ObjectNode bpe = (ObjectNode) root.get("model");
    ArrayNode merges = JSON.createArrayNode();
    bpe.get("merges")
        .forEach(
            merge ->
                merges.add(
                    merge.isArray()
                        ? merge.get(0).asText() + " " + merge.get(1).asText()
                        : merge.asText()));
    bpe.set("merges", merges);
    bpe.remove("ignore_merges");
    return write("older.json", root);
  }

  private Path write(String name, ObjectNode root) throws IOException {
    Path file = folder.resolve(name);
    JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    assertThat(Files.size(file)).isNotEqualTo(Files.size(model.resolve("tokenizer.json")));
    return file;
  }
}
