package org.uiospark.jobs.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3LoginTest {
  @ParameterizedTest
  @CsvSource({
    "no s3a://KEY:SECRET@bucket/path here, no s3a://*** here",
    "S3N://KEY@bucket, S3N://***",
    "s3://KEY:SEC/RET@bucket, s3://***",
    "a s3a:/KEY:SECRET@bucket/p b, a s3a:/*** b",
  })
  void aLoginIsSeenAndHidden(String text, String hidden) {
    assertThat(S3Login.isIn(text)).isTrue();
    assertThat(S3Login.hidden(text)).isEqualTo(hidden);
    assertThat(S3Login.isIn(hidden)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3a://bucket/a:b@c", "hdfs://user@host:9000/path", "plain"})
  void whatIsNoLoginStays(String text) {
    assertThat(S3Login.isIn(text)).isFalse();
    assertThat(S3Login.hidden(text)).isEqualTo(text);
  }
}
