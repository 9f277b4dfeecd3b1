package org.uiospark.model.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;

class TokenizerDescriptionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Each of these ends the JVM, or never ends, where it reaches the native tokenizer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          pre_tokenizer | {"type":"FixedLength","length":0} | FixedLength
          normalizer | {"type":"Precompiled","precompiled_charsmap":"AAAA"} | Precompiled
          normalizer | {"type":"Prepend","prepend":""} | Prepend of nothing
          normalizer | {"type":"Replace","pattern":{"String":""},"content":"y"} | Replace
          normalizer | {"type":"Replace","pattern":{"Regex":"a*"},"content":"y"} | Replace
          pre_tokenizer | {"type":"Split","pattern":{"Regex":"(a+)+$"}} | backtrack
          normalizer | {"type":"Sequence","normalizers":[{"type":"Prepend"}]} | Prepend
          """)
  void whatEndsTheJvmIsRefused(String section, String part, String says) throws Exception {
    ObjectNode root =
        (ObjectNode) JSON.readTree(TinyTokenizer.resource("/tiny-llama/tokenizer.json"));
    root.set(section, JSON.readTree(part));

    assertThatThrownBy(() -> TextTokenizer.parse(JSON.writeValueAsBytes(root), "x.json"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("x.json: " + section)
        .hasMessageContaining(says);
  }
}
