package org.uiospark.data.source.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonValuesTest {
  @Test
  void theElementsOfAList() throws IOException {
    assertThat(values("\uFEFF [ {\"a\": [1, \"]}\\\"\"]},\n\"b\" , 3,null,[4, {}] ]\n"))
        .containsExactly("{\"a\": [1, \"]}\\\"\"]}", "\"b\"", "3", "null", "[4, {}]");
    assertThat(values("[]")).isEmpty();
    assertThat(values("")).isEmpty();
    assertThat(values("[{\"a\": 1}]\n[{\"b\": 2}]")).containsExactly("{\"a\": 1}", "{\"b\": 2}");
  }

  @Test
  void linesAndValuesOverSeveralLines() throws IOException {
    assertThat(values("{\"a\": 1}\n{\"b\"\n{\"c\": 3}\n"))
        .containsExactly("{\"a\": 1}", "{\"b\"", "{\"c\": 3}");
    assertThat(values("{\n \"a\": 1\n}\n{\n \"b\": 2\n}\n"))
        .containsExactly("{\n \"a\": 1\n}", "{\n \"b\": 2\n}");
  }

  @Test
  void aMalformedElementCostsNoOther() throws IOException {
    assertThat(values("[{\"a\": 1}, {\"b\" 2}, nan, {\"c\": 3}]"))
        .containsExactly("{\"a\": 1}", "{\"b\" 2}", "nan", "{\"c\": 3}");
  }

  @Test
  void bracketsTooManyAreMalformedValues() throws IOException {
    assertThat(values("[{\"a\": 1}]] }, {\"b\": 2}"))
        .containsExactly("{\"a\": 1}", "]", "}", "{\"b\": 2}");
  }

  @Test
  void aListThatWasCutIsOneMalformedValueMore() throws IOException {
    assertThat(values("[{\"a\": 1}, ")).containsExactly("{\"a\": 1}", "[");
    assertThat(values("[{\"a\": 1}, {\"b\"")).containsExactly("{\"a\": 1}", "{\"b\"", "[");
  }

  @Test
  void aValueOverTheBoundIsPassedOver() throws IOException {
    String file = "[{\"a\": \"" + "x".repeat(200_000) + "\"}, {\"b\": 2}]";
    JsonBytes values = JsonValues.of(new ByteArrayInputStream(file.getBytes(UTF_8)), 100);
    assertThat(values.next()).isEmpty();
    assertThat(values.tooLong()).isTrue();
    assertThat(new String(values.next(), UTF_8)).isEqualTo("{\"b\": 2}");
    assertThat(values.tooLong()).isFalse();
    assertThat(values.next()).isNull();
  }

  private static List<String> values(String file) throws IOException {
    JsonBytes values = JsonValues.of(new ByteArrayInputStream(file.getBytes(UTF_8)), 1000);
    List<String> all = new ArrayList<>();
    for (byte[] value = values.next(); value != null; value = values.next()) {
      all.add(new String(value, UTF_8));
    }
    return all;
  }
}
