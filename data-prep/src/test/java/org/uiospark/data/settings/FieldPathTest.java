package org.uiospark.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.uiospark.model.input.InvalidInputException;

/** Where a value stands in a record. */
class FieldPathTest {
  private static final String RECORD =
      "{\"a\": {\"b\": \"deep\", \"3\": \"three\"}, \"a.c\": \"dotted\", \"l\": [\"x\", {\"y\": \"in\"}]}";

  @ParameterizedTest
  @CsvSource({"a.b, deep", "a.3, three", "a.c, dotted", "l.0, x", "l.1.y, in"})
  void aPathLeadsToAValue(String path, String value) throws Exception {
    assertThat(new FieldPath(path).in(record()).asText()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"b", "a.b.c", "l.2", "l.y", "l.99999999999", "a.d"})
  void orToNothing(String path) throws Exception {
    assertThat(new FieldPath(path).in(record()).isMissingNode()).isTrue();
  }

  @Test
  void aPathThatNamesNothingIsRefused() {
    for (String path : new String[] {"", " ", ".", "a.", ".a", "a..b"}) {
      assertThatThrownBy(() -> new FieldPath(path))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("names no field");
    }
  }

  private static JsonNode record() throws Exception {
    return new ObjectMapper().readTree(RECORD);
  }
}
