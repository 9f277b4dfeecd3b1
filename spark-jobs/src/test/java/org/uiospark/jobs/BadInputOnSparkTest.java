package org.uiospark.jobs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a user can get wrong with corpora, data sets and runs, through the commands. */
@Tag("cluster")
class BadInputOnSparkTest extends CommandInput {
  @Test
  void corporaThatCannotBePrepared() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertRefused(prep(nowhere), "nowhere", "matches no file");
    assertRefused(prep(model), "2 of 2 records", "config.json:1: no object with a string");
    Path tables = Files.createDirectory(folder.resolve("tables"));
    Files.writeString(tables.resolve("a.csv"), "a,b");
    assertRefused(prep(tables), tables.toString(), "holds no .txt", ".csv=1");
    assertRefused(prep("gone://bucket/books"), "gone");
    assertRefused(prep(""), "prep needs --input");
    assertRefused(prep(prompt, "--tokenizer", nowhere), "tokenizer", "nowhere", "does not exist");
    assertRefused(prep(prompt, "--tokenizer", prompt, "--eos-token-id", 0), "prompt.txt", "is not");
    assertRefused(prep(prompt, "--min-segments", 9), "empty corpus", "prompt.txt", "min-segments");
    assertRefused(prep(Files.createFile(folder.resolve("empty.txt"))), "empty corpus", "empty.txt");
    assertRefused(prep(Files.writeString(folder.resolve("a.txt.gz"), "plain")), "not a gzip file");
    assertRefused(prep(cutGzip()), "cut.txt.gz", "damaged gzip file");
    assertThat(output).doesNotExist();
    output = prompt.resolve("below");
    assertRefused(prep(prompt, "--min-segments", 1), "below", "cannot be written");
  }

  @Test
  void corporaThatCannotBeMeasured() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertRefused(benchPrep(nowhere), "nowhere", "matches no file");
    assertRefused(benchPrep(model), model.toString(), "no text", "bare tokenizer");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertRefused(benchPrep(empty), empty.toString(), "holds no");
    assertRefused(benchPrep(folder + "/["), "neither a file nor a glob");
    assertRefused(benchPrep("gone://bucket/books"), "gone");
    assertRefused(benchPrep(prompt, "--tokenizer", model), "tokenizer", "is a directory");
    Path conf = Files.writeString(folder.resolve("sft.conf"), "prep.objective = sft");
    assertRefused(benchPrep(prompt, "--conf", conf), "prep.objective = sft", "lm or ae");
  }

  private CommandRun benchPrep(Object input, Object... options) {
    List<Object> words = new ArrayList<>(List.of("bench-prep", "--input", input));
    words.addAll(Arrays.asList(options));
    if (!words.contains("--tokenizer")) {
      words.addAll(List.of("--tokenizer", TINY.resolve("tokenizer.json")));
    }
    return CommandRun.of(words.toArray());
  }

  private Path cutGzip() throws IOException {
    Path file = folder.resolve("cut.txt.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(Files.readAllBytes(BOOK));
    }
    cut(file);
    return file;
  }

  @Test
  void malformedLinesAreCountedAndAboveTheShareRefused() throws IOException {
    String good = "{\"text\": \"" + "word ".repeat(100) + "\"}\n";
    Path lines =
        Files.writeString(
            folder.resolve("x.jsonl"), good + "{\"text\": \"a\"} more\n" + good.repeat(8));

    assertRefused(prep(lines), "1 of 10 records", "max-rejected-share 0.01", "x.jsonl:2: no JSON");
    assertThat(output).doesNotExist();

    CommandRun counted = prep(lines, "--max-rejected-share", 0.1);
    assertThat(counted.status()).isZero();
    assertThat(counted.out())
        .contains("1 new documents", "left out: malformed line: 1", "x.jsonl:2: no JSON")
        .contains(
            "records: 10 = 1 kept + 0 there already + 8 duplicate of another text + 1 malformed"
                + " line");
    output = folder.resolve("kept");
    assertThat(prep(lines, "--max-rejected-share", 0.1, "--duplicates", "keep").out())
        .contains("records: 10 = 9 kept + 0 there already + 1 malformed line");
  }

  @Test
  void whatBecameOfTheFilesIsTold() throws IOException {
    Path corpus = Files.createDirectories(folder.resolve("my corpus"));
    String record = "{\"body\": \"" + "word ".repeat(100) + "\"}\n";
    Files.writeString(corpus.resolve("A.JSONL"), record);
    Files.writeString(corpus.resolve("table.csv"), "a,b");
    Files.write(corpus.resolve("latin.txt"), "\u00e9".repeat(500).getBytes(ISO_8859_1));
    // A space in a URI.
    CommandRun counted = prep(folder.toUri() + "my%20corpus", "--text-field", "body");
    assertThat(counted.status()).isZero();
    assertThat(counted.out())
        .contains("1 new documents", "files read: 1; not read: .csv 1", "left out: not UTF-8: 1")
        .contains("latin.txt is no text in UTF-8");
    output = folder.resolve("replaced");
    assertThat(
            prep(corpus, "--text-field", "body", "--max-replaced-share", 1, "--min-segments", 1)
                .out())
        .contains("2 new documents", "replaced: 500 bytes of ");
    assertRefused(prep(corpus, "--max-replaced-share", 2), "prep.max-replaced-share", "0 to 1");
  }

  @Test
  void modelsThatCannotBeTrainedOrEvaluated() throws IOException {
    Path nowhere = folder.resolve("nowhere");
    assertModelRefused(nowhere, "nowhere", "does not exist");
    edit(model.resolve("config.json"), "\"vocab_size\": 2048", "\"vocab_size\": 2047");
    assertModelRefused(model, "embed_tokens", "expected shape [2047,");
    cut(model.resolve("model.safetensors"));
    assertModelRefused(model, "model.safetensors", "is truncated");
    Files.delete(model.resolve("config.json"));
    assertModelRefused(model, "has no config.json");
    assertThat(output).doesNotExist();
  }

  private void assertModelRefused(Path refused, String... says) throws IOException {
    assertRefused(train(refused, data()), says);
    assertRefused(evaluate(refused, adapter, data()), says);
  }

  @Test
  void dataSetsThatCannotBeRead() throws IOException {
    Path set = folder.resolve("set");
    assertDataRefused(set, "set", "not a committed data set");
    copyData(set);
    Path arrow = set.resolve("data-00000-of-00001.arrow");
    cut(arrow);
    assertDataRefused(set, "data-00000-of-00001.arrow", "bytes instead of");
    Files.delete(arrow);
    assertDataRefused(set, "data-00000-of-00001.arrow", "is missing");
    cut(set.resolve("state.json"));
    assertDataRefused(set, "state.json", "is not valid JSON");
    assertThat(output).doesNotExist();
  }

  private void assertDataRefused(Path refused, String... says) {
    assertRefused(train(model, refused), says);
    assertRefused(evaluate(model, adapter, refused), says);
  }

  @Test
  void whatDoesNotFitTogether() throws IOException {
    Path other = folder.resolve("other");
    saveAdapter(MHA, other, 4, 0);
    assertRefused(evaluate(model, other, data()), "another model");
    assertRefused(train(model, data(), "--segment-length", 64), "--segment-length 32", "64");
    assertRefused(train(model, data(), "--rank", 100_000), "rank 100000");
    assertRefused(
        evaluate(model, adapter, data(), "--lengths", 33), "lengths 33", "segment length 32");
    assertRefused(train(MHA, data()), "tokenizer of 2048 tokens", "vocabulary of 260");
    assertRefused(evaluate(MHA, other, data()), "tokenizer of 2048 tokens", "vocabulary of 260");
    assertThat(output).doesNotExist();

    saveCheckpoint(output, 4);
    assertRefused(train(model, data()), "already has checkpoints", "--resume");
    assertRefused(train(model, data(), "--rank", 8, "--resume"), "rank 4, now 8");
  }

  @Test
  void tokensThatTheModelDoesNotHaveAreNamedByTheirDocument() throws IOException {
    Path set = folder.resolve("set");
    copyData(set);
    edit(set.resolve("state.json"), "\"vocabulary_size\" : 2048", "\"vocabulary_size\" : 260");
    saveAdapter(MHA, folder.resolve("other"), 4, 0);

    String[] says = {
      "document book.txt, offset ", "token ", "outside the model's vocabulary of 260"
    };
    assertRefused(train(MHA, set), says);
    assertRefused(train(MHA, set, "--resume"), "step 1: document book.txt");
    assertRefused(evaluate(MHA, folder.resolve("other"), set), says);
  }

  @Test
  void lossesThatAreNotFiniteAreNamedByStepAndSequence() throws IOException {
    assertRefused(
        train(model, data(), "--lr", 1e30, "--warmup", 0, "--steps", 3, "--checkpoint-every", 3),
        "step 2: loss or gradient is not finite",
        "document book.txt, offset ",
        "lower --lr, or leave the document out");
    assertThat(output.resolve("checkpoints")).doesNotExist();
    assertRefused(
        train(model, data(), "--lr", 1e39, "--warmup", 0, "--steps", 1),
        "step 1: the update at learning rate 1.0E39",
        "lower --lr");
    assertThat(output.resolve("checkpoints")).doesNotExist();
    CommandRun first = train(model, data(), "--lr", 1e30, "--warmup", 0, "--steps", 3);
    assertThat(first.err()).as("there is no checkpoint").doesNotContain("--resume");
    assertRefused(
        train(model, data(), "--lr", 1e30, "--warmup", 0, "--steps", 3, "--checkpoint-every", 1),
        "step 2: loss or gradient is not finite",
        "; --resume goes on from step-1");
    output = folder.resolve("other");

    saveAdapter(TINY, folder.resolve("poisoned"), 4, 1e30f);
    output = folder.resolve("evaluated");
    assertRefused(
        evaluate(model, folder.resolve("poisoned"), data()), "loss of segment", "book.txt");
    assertThat(output).doesNotExist();
  }
}
