package org.uiospark.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/** Data files of another machine are read in parts, and every part is compared with its sum. */
class RangedSequencesTest {
  private static final String FILE = "data-00000-of-00001.arrow";
  private static final int VOCABULARY = 30_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final Random random = new Random(5);
  private List<TokenSequence> rows;
  private Path set;

  @BeforeEach
  void severalBatchesOfRowsOfAnyLength() {
    rows = rows(2500);
    set = write("set", rows);
  }

  private List<TokenSequence> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              int length = i % 100 == 7 ? 1000 + random.nextInt(5000) : 1 + random.nextInt(40);
              int[] tokens = random.ints(length, 0, VOCABULARY).toArray();
              return TokenSequence.of("document " + i / 3, i % 3, tokens);
            })
        .toList();
  }

  private Path write(String name, List<TokenSequence> sequences) {
    Path written = folder.resolve(name);
    TokenDataSet.write(written.toString(), sequences, 4, VOCABULARY, "test", new Configuration());
    return written;
  }

  private static SequenceDataSet far(Path set) {
    return SequenceDataSet.open("far://" + set, FarFileSystem.settings());
  }

  @Test
  void everyRowComesBackAsItWasWritten() {
    SequenceDataSet data = far(set);

    assertThat(data.size()).isEqualTo(rows.size());
    random
        .ints(2 * rows.size(), 0, rows.size())
        .parallel()
        .forEach(i -> assertThat(same(data.sequence(i), rows.get(i))).as("row " + i).isTrue());
  }

  private static boolean same(TokenSequence one, TokenSequence other) {
    return one.docId().equals(other.docId())
        && one.offset() == other.offset()
        && Arrays.equals(one.inputIds(), other.inputIds())
        && Arrays.equals(one.labels(), other.labels());
  }

  @Test
  void aByteThatChangedIsNeverReadAsIfItWerePreps() throws IOException {
    Path file = set.resolve(FILE);
    byte[] whole = Files.readAllBytes(file);
    int refused = 0;
    for (int i = 0; i < 40; i++) {
      byte[] spoilt = whole.clone();
      spoilt[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, spoilt);
      SequenceDataSet data = far(set);
      try {
        for (int row = 0; row < rows.size(); row++) {
          assertThat(same(data.sequence(row), rows.get(row))).isTrue();
        }
      } catch (InvalidInputException e) {
        assertThat(e).hasMessageContaining(FILE + " is damaged").hasMessageEndingWith("prep again");
        refused++;
      }
    }
    // The few others fell on bits that say of each token that it is none that is missing.
    assertThat(refused).isGreaterThan(30);
  }

  @Test
  void aFileOfAnotherDataSetIsRefused() throws IOException {
    Path other =
        write(
            "other",
            rows.stream()
                .map(row -> TokenSequence.of(row.docId(), row.offset(), shifted(row.inputIds())))
                .toList());
    Files.copy(other.resolve(FILE), set.resolve(FILE), StandardCopyOption.REPLACE_EXISTING);
    SequenceDataSet data = far(set);

    assertThatThrownBy(() -> data.sequence(0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("the SHA-256 of its footer is not that of state.json");
  }

  private static int[] shifted(int[] tokens) {
    return IntStream.of(tokens).map(token -> (token + 1) % VOCABULARY).toArray();
  }

  @Test
  void aFileThatIsMissingOrTornIsRefusedBeforeAnythingIsRead() throws IOException {
    byte[] whole = Files.readAllBytes(set.resolve(FILE));
    SequenceDataSet before = far(set);
    Files.write(set.resolve(FILE), Arrays.copyOf(whole, whole.length - 100));
    assertThatThrownBy(() -> far(set))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has " + (whole.length - 100) + " bytes instead of " + whole.length);
    assertThatThrownBy(() -> before.sequence(0)).isInstanceOf(RuntimeException.class);
    Files.delete(set.resolve(FILE));
    assertThatThrownBy(() -> far(set))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is missing");
    assertThatThrownBy(() -> before.sequence(0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void aDataSetOfAnEarlierVersionIsCopiedAndCompared() throws IOException {
    Path state = set.resolve("state.json");
    ObjectNode json = (ObjectNode) JSON.readTree(state.toFile());
    ((ObjectNode) json.get("_data_files").get(0)).remove("footer_sha256");
    JSON.writeValue(state.toFile(), json);

    assertThat(same(far(set).sequence(2400), rows.get(2400))).isTrue();
    byte[] spoilt = Files.readAllBytes(set.resolve(FILE));
    spoilt[spoilt.length / 2] ^= 1;
    Files.write(set.resolve(FILE), spoilt);
    assertThatThrownBy(() -> far(set).sequence(2400))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("its SHA-256 is not that of state.json");
  }

  @Test
  void theCacheKeepsWhatWasReadLastAndNoMoreThanItMay() {
    BlockCache cache = new BlockCache(100_000);
    for (int i = 0; i < 1000; i++) {
      cache.put(this, Map.of(new BlockTree.Block(0, i), new byte[1024]));
      cache.get(this, new BlockTree.Block(0, 0));
    }

    assertThat(cache.held()).isLessThanOrEqualTo(100_000);
    assertThat(cache.get(this, new BlockTree.Block(0, 0))).isNotNull();
    assertThat(cache.get(this, new BlockTree.Block(0, 999))).isNotNull();
    assertThat(cache.get(this, new BlockTree.Block(0, 1))).isNull();
  }
}
