package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.segment.SegmentRatios;

/** A book that is memorized, and questions behind it. */
@Tag("cluster")
class MemorizeCommandTest extends CommandInput {
  private static final String QUESTION = " and then she said to him that";

  private String text;
  private Path book;

  @BeforeEach
  void book() throws IOException {
    adapter = exported("several", 0.05, 4, 8);
    text = Files.readString(BOOK).substring(2_000, 12_345);
    book = Files.writeString(folder.resolve("book.txt"), text);
  }

  private Path exported(String name, double scale, Integer... memoryTokens) {
    Path run = folder.resolve(name + "-run");
    SavedRun.write(
        run,
        TINY,
        SavedRun.adapter(TINY, 4, 32 * scale / 0.05),
        new SegmentRatios(32, List.of(memoryTokens)));
    Path export = folder.resolve(name);
    assertThat(CommandRun.of("export", "--checkpoint", run, "--output", export).err()).isEmpty();
    return export;
  }

  private CommandRun memorize(Object... options) {
    return with(
        options,
        "memorize",
        "--model",
        model,
        "--adapter",
        adapter,
        "--input",
        book,
        "--output",
        output);
  }

  private CommandRun ask(Object... options) {
    return with(options, "generate", "--prompt-file", prompt, "--max-new-tokens", 70);
  }

  private static CommandRun with(Object[] options, Object... first) {
    List<Object> words = new ArrayList<>(Arrays.asList(first));
    words.addAll(Arrays.asList(options));
    return CommandRun.of(words.toArray());
  }

  private Path memory() throws IOException {
    try (var files = Files.list(output)) {
      return files.filter(path -> path.toString().endsWith(".safetensors")).findFirst().get();
    }
  }

  /** Ends within a word, so that the question makes other tokens of it. */
  @Test
  void theAnswerIsThatOfGenerateOverTheWholeText() throws Exception {
    for (int m : new int[] {8, 4}) {
      output = folder.resolve("memory-" + m);
      System.setProperty("spark.master", "local[2]");
      CommandRun run = memorize("--memory-tokens", m);
      System.setProperty("spark.master", "local[1]");
      assertThat(run.err()).isEmpty();
      assertThat(run.out()).contains("1 new memories", "book.txt: ", memory().toString());
      for (String question : new String[] {"s" + QUESTION, QUESTION, "\n\nShe", ". He"}) {
        Files.writeString(prompt, question);
        CommandRun behind = ask("--model", model, "--adapter", adapter, "--memory", memory());
        assertThat(behind.err()).isEmpty();
        Files.writeString(prompt, text + question);
        CommandRun whole = ask("--model", model, "--adapter", adapter, "--memory-tokens", m);
        assertThat(behind.out()).as("behind '%s'", question).isEqualTo(whole.out());
        assertThat(behind.out()).hasSizeGreaterThan(40);
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefusedInOneLine() throws Exception {
    assertThat(memorize("--memory-tokens", 4).err()).isEmpty();
    Path memory = memory();
    assertRefused(
        ask("--model", model, "--adapter", adapter, "--memory", memory, "--memory-tokens", 8),
        "4 memory tokens for a segment of 32",
        "give --memory-tokens 4");
    Path other = exported("other", 0.04, 4, 8);
    assertRefused(ask("--model", model, "--adapter", other, "--memory", memory), "another adapter");
    assertRefused(
        ask("--model", model, "--adapter", adapter, "--memory", folder.resolve("nowhere")),
        "nowhere does not exist");
    assertRefused(
        ask("--model", model, "--adapter", adapter, "--memory", model.resolve("model.safetensors")),
        "is no memory file");
    byte[] whole = Files.readAllBytes(memory);
    edited(memory, whole, "base_model\":\"", 3);
    assertRefused(
        ask("--model", model, "--adapter", adapter, "--memory", memory), "another base model");
    Files.write(memory, whole);
    cut(memory);
    assertRefused(ask("--model", model, "--adapter", adapter, "--memory", memory), "is truncated");
  }

  /** Changes the digit so far behind some text. */
  private static void edited(Path file, byte[] whole, String behind, int digit) throws IOException {
    byte[] changed = whole.clone();
    String header = new String(whole, 0, 4_000, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = header.indexOf(behind) + behind.length() + digit;
    changed[at] = (byte) (changed[at] == '0' ? '1' : '0');
    Files.write(file, changed);
  }

  @Test
  void inputThatCannotBeReadIsRefusedInOneLine() throws Exception {
    assertRefused(memorize("--memory-tokens", 16), "memory-tokens 16 is none");
    Files.writeString(book, "");
    assertRefused(memorize(), "book.txt");
    Files.delete(book);
    assertRefused(memorize(), "book.txt", "matches no file");
    assertRefused(CommandRun.of("memorize", "--input", book), "memorize needs --model");
  }
}
