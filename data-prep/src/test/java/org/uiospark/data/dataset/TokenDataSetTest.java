package org.uiospark.data.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.segment.TokenSequence;

class TokenDataSetTest {
  @TempDir Path folder;

  @Test
  void theSequencesComeBackAsTheyWere() {
    String uri = folder.resolve("data").toString();
    List<TokenSequence> written =
        List.of(
            TokenSequence.of("a", 0, new int[] {1, 2, 3, 4}),
            TokenSequence.of("b", 7, new int[] {5, 6}));

    TokenDataSet.write(uri, written, 2, 10, "4", new Configuration());

    SequenceDataSet read = SequenceDataSet.open(uri, new Configuration());
    assertThat(read.size()).isEqualTo(2);
    assertThat(read.segmentLength()).isEqualTo(2);
    assertThat(read.description().recipe().cutting().maxSegments()).isEqualTo(2);
    assertThat(read.vocabularySize()).isEqualTo(10);
    for (int i = 0; i < 2; i++) {
      assertThat(read.sequence(i).docId()).isEqualTo(written.get(i).docId());
      assertThat(read.sequence(i).offset()).isEqualTo(written.get(i).offset());
      assertThat(read.sequence(i).inputIds()).isEqualTo(written.get(i).inputIds());
    }
  }
}
