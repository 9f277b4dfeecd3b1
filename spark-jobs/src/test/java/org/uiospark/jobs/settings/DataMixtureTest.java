package org.uiospark.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.jobs.settings.DataMixture.Part;
import org.uiospark.model.input.InvalidInputException;

class DataMixtureTest {
  @Test
  void severalDataSetsHaveTheirWeights() {
    assertThat(DataMixture.of("books:0.9, s3a://bucket/chat:1e-1,hdfs://host:8020/x:3").parts())
        .containsExactly(
            new Part("books", 0.9),
            new Part("s3a://bucket/chat", 0.1),
            new Part("hdfs://host:8020/x", 3));
    assertThat(DataMixture.of("books:0.5").parts()).containsExactly(new Part("books", 0.5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runs/data",
        "s3a://bucket/x",
        "hdfs://host:8020/data",
        "hdfs://host:8020",
        "file:/tmp/a,b",
      })
  void aPlainUriIsOneDataSet(String uri) {
    assertThat(DataMixture.of(uri).parts()).containsExactly(new Part(uri, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a:0.9,b         | 'b' has no weight; give each data set one, as a:0.9,b:0.1",
        "a:0.9,          | '' has no weight",
        "a:0,b:1         | the weight of 'a:0' is 0; it must be a number above 0",
        "a:1e999,b:1     | the weight of 'a:1e999' is 1e999",
        "a:0.9,b:1.2.3   | the weight of 'b:1.2.3' is 1.2.3",
      })
  void aWeightThatIsNoneIsRefused(String text, String message) {
    assertThatThrownBy(() -> DataMixture.of(text))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("train.data")
        .hasMessageContaining(message);
  }
}
