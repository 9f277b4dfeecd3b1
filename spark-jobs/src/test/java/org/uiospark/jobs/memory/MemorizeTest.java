package org.uiospark.jobs.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.text.TextTokenizer;

@Tag("cluster")
class MemorizeTest {
  @TempDir Path folder;
  private Path adapter;
  private Path books;

  @BeforeEach
  void input() throws IOException {
    adapter = MemorizedBooks.adapter(folder.resolve("adapter"), 0.05);
    books = Files.createDirectory(folder.resolve("books"));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(books.resolve(name), text);
  }

  private MemorizeSummary run(int cores, String output) {
    return MemorizedBooks.run(
        cores, MemorizedBooks.settings(adapter, books, folder.resolve(output)));
  }

  private static int[] tokens(String text) {
    try (TextTokenizer tokenizer =
        TextTokenizer.load(MemorizedBooks.MODEL.resolve("tokenizer.json"))) {
      return tokenizer.encode(text);
    }
  }

  /** A text whose tokens fill a number of segments, of a sequence of prep too. */
  private static String filling(int segments) throws IOException {
    for (int end = 4_000; ; end++) {
      String text = MemorizedBooks.book(2_000, end);
      if (tokens(text).length == segments * 32) {
        return text;
      }
    }
  }

  @Test
  void allTextsHaveTheSameBytesForAnyNumberOfTasksAndCommits() throws Exception {
    write("long.txt", MemorizedBooks.book(2_000, 9_000));
    write("short.txt", "The boy ran home.");
    write("one.txt", "a");
    write("full.txt", filling(32));
    write("records.jsonl", "{\"id\": \"r\", \"text\": \"She had been at the sea.\"}\n");

    run(1, "one");
    run(2, "two");
    MemorizedBooks.run(2, MemorizedBooks.settings(adapter, books, folder.resolve("often")), 20);

    Map<String, String> files = MemorizedBooks.files(folder.resolve("one"));
    assertThat(files).hasSize(5);
    assertThat(MemorizedBooks.files(folder.resolve("two"))).isEqualTo(files);
    assertThat(MemorizedBooks.files(folder.resolve("often"))).isEqualTo(files);
    assertThat(folder.resolve("one/_memories-00000.json")).exists();
    assertThat(folder.resolve("one/_memories-00001.json")).doesNotExist();
    assertThat(folder.resolve("often/_memories-00001.json")).exists();
    try (var left = Files.list(folder.resolve("two"))) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().contains("uncommitted"));
    }
    for (String name : new String[] {"long.txt", "short.txt", "one.txt", "full.txt"}) {
      assertHoldsTheTextOf(name);
    }
  }

  private void assertHoldsTheTextOf(String name) throws Exception {
    byte[] text = Files.readAllBytes(books.resolve(name));
    String sha256 = org.uiospark.model.input.Sha256.hex(text);
    int[] tokens = tokens(Files.readString(books.resolve(name)));
    Path file = folder.resolve("one").resolve(sha256 + ".safetensors");
    try (MemoryFile memory = StoredMemory.open(file.toString(), new Configuration())) {
      assertThat(memory.header().textSha256()).isEqualTo(sha256);
      assertThat(memory.header().tokens()).isEqualTo(tokens.length);
      assertThat(memory.rest())
          .isEqualTo(Arrays.copyOfRange(tokens, tokens.length / 32 * 32, tokens.length));
    }
  }

  @Test
  void aTextThatGrowsIsReadOnFromWhereItEndedAndHasTheBytesOfOneThatWasReadWhole()
      throws Exception {
    String book = MemorizedBooks.book(2_000, 9_000);
    MemorizeSummary last = null;
    for (int end : new int[] {1_500, 4_321, book.length()}) {
      write("book.txt", book.substring(0, end));
      last = run(2, "grown");
    }
    int shared = tokens(book.substring(0, 4_321)).length / 32;
    run(1, "whole");

    Map<String, String> whole = MemorizedBooks.files(folder.resolve("whole"));
    assertThat(MemorizedBooks.files(folder.resolve("grown")))
        .hasSize(3)
        .containsAllEntriesOf(whole);
    assertThat(last.text())
        .contains("1 new memories", (tokens(book).length / 32 - shared) + " segments encoded")
        .contains(shared + " reused");
  }

  @Test
  void whatIsMemorizedIsNotMadeAgainWhateverItsName() throws Exception {
    write("a.txt", MemorizedBooks.book(2_000, 4_000));
    run(1, "out");
    Path file = MemorizedBooks.only(folder.resolve("out"));
    var written = Files.getLastModifiedTime(file);
    Files.move(books.resolve("a.txt"), books.resolve("b.txt"));

    assertThat(run(1, "out").text()).contains("0 new memories", "0 segments encoded");
    Files.writeString(
        books.resolve("c.jsonl"),
        new com.fasterxml.jackson.databind.ObjectMapper()
                .writeValueAsString(Map.of("id", "c", "text", MemorizedBooks.book(2_000, 4_000)))
            + "\n");
    assertThat(run(1, "out").text()).contains("1 new memories", "0 segments encoded", "c: ");

    assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
    assertThat(MemorizedBooks.only(folder.resolve("out"))).isEqualTo(file);
  }

  /** Prep has read the first one before, and tells nobody that it is there again. */
  @Test
  void aNameIsThatOfTheContentThatItsFileHasNow() throws Exception {
    String first = MemorizedBooks.book(2_000, 3_000);
    String second = MemorizedBooks.book(5_000, 6_000);
    for (String text : new String[] {first, second, first, first, second}) {
      write("book.txt", text);
      run(1, "out");
      assertThat(named("book.txt"))
          .isEqualTo(org.uiospark.model.input.Sha256.hex(text.getBytes(UTF_8)));
    }
    assertThat(generations()).isEqualTo(4);

    Path other = Files.createDirectory(books.resolve("other"));
    Files.writeString(other.resolve("book.txt"), first);
    run(1, "out");
    String last = named("book.txt");
    long before = generations();
    run(1, "out");
    assertThat(named("book.txt")).isEqualTo(last);
    assertThat(generations()).isEqualTo(before);
  }

  /** As a file does: a record goes back to what it held before. */
  @Test
  void soIsTheNameOfARecord() throws Exception {
    String first = MemorizedBooks.book(2_000, 3_000);
    String second = MemorizedBooks.book(5_000, 6_000);
    for (String text : new String[] {first, second, first}) {
      Files.writeString(
          books.resolve("records.jsonl"),
          new com.fasterxml.jackson.databind.ObjectMapper()
                  .writeValueAsString(Map.of("id", "chapter", "text", text))
              + "\n");
      run(1, "out");
      assertThat(named("chapter"))
          .isEqualTo(org.uiospark.model.input.Sha256.hex(text.getBytes(UTF_8)));
    }
  }

  private long generations() throws IOException {
    try (var all = Files.list(folder.resolve("out"))) {
      return all.filter(path -> path.getFileName().toString().startsWith("_memories-")).count();
    }
  }

  /** SHA-256 of the text that a question by this name is asked of. */
  private String named(String name) throws IOException {
    Path out = folder.resolve("out");
    String any = MemorizedBooks.files(out).keySet().iterator().next();
    try (MemoryFile memory = StoredMemory.open(out.resolve(any).toString(), new Configuration())) {
      return MemoryIndex.read(
              OutputFolder.of(out.toString(), new Configuration()), memory.header().origin())
          .named(name)
          .textSha256();
    }
  }

  @Test
  void aMemoryThatIsGoneOrCutIsMadeAgain() throws Exception {
    write("a.txt", MemorizedBooks.book(2_000, 4_000));
    run(1, "out");
    Path file = MemorizedBooks.only(folder.resolve("out"));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    run(1, "out");
    assertThat(file).hasBinaryContent(whole);
    Files.delete(file);
    run(1, "out");
    assertThat(file).hasBinaryContent(whole);
  }

  @Test
  void aFolderHasMemoriesOfOneAdapterAndRatio() throws Exception {
    write("a.txt", MemorizedBooks.book(2_000, 4_000));
    run(1, "out");
    Map<String, String> before = MemorizedBooks.files(folder.resolve("out"));
    Path other = MemorizedBooks.adapter(folder.resolve("other"), 0.04);
    MemorizeSettings settings = MemorizedBooks.settings(other, books, folder.resolve("out"));

    assertThatThrownBy(() -> MemorizedBooks.run(1, settings))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("another adapter");
    MemorizeSettings ratio =
        new MemorizeSettings(
            settings.model(),
            adapter.toString(),
            java.util.OptionalInt.of(8),
            settings.inputs(),
            settings.output(),
            settings.reading(),
            settings.shardBytes(),
            settings.maxRejectedShare());
    assertThatThrownBy(() -> MemorizedBooks.run(1, ratio))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("4 memory tokens for a segment of 32");
    assertThat(MemorizedBooks.files(folder.resolve("out"))).isEqualTo(before);
  }
}
