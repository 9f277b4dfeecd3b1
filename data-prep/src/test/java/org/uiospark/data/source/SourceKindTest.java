package org.uiospark.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.data.source.SourceKind.Content;

class SourceKindTest {
  @ParameterizedTest
  @CsvSource({
    "a.txt, TEXT, NONE",
    "A.TXT.GZ, TEXT, GZIP",
    "b.jsonl.zst, LINES, ZSTD",
    "b.Json.Bz2, JSON, BZIP2",
    "train-00000-of-00001.PARQUET, PARQUET, NONE"
  })
  void kinds(String name, Content content, Compression compression) {
    assertThat(SourceKind.of(name)).contains(new SourceKind(content, compression));
  }

  @ParameterizedTest
  @ValueSource(strings = {"part-00000", "a.csv", "a.parquet.gz", "a.gz", "txt", "a.txt.xz", ""})
  void noKinds(String name) {
    assertThat(SourceKind.of(name)).isEmpty();
  }

  @Test
  void endingsOfWhatIsNotRead() {
    assertThat(SourceKind.ending("a.CSV")).isEqualTo(".csv");
    assertThat(SourceKind.ending("a.csv.gz")).isEqualTo(".csv.gz");
    assertThat(SourceKind.ending("dump.2024")).isEqualTo("no ending");
    assertThat(SourceKind.ending("part-00000")).isEqualTo("no ending");
    assertThat(SourceKind.ending("b.gz")).isEqualTo(".gz");
  }
}
