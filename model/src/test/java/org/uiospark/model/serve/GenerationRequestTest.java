package org.uiospark.model.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.modality.Input;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.reading.Sampling;

class GenerationRequestTest {
  private static final GenerationArguments UNSAID =
      GenerationArguments.of(Map.of("max_new_tokens", 9, "temperature", 0.5, "seed", 3));

  private static Input input(String type, String body) {
    Input input = new Input();
    input.addProperty("Content-Type", type);
    input.add("data", body.getBytes(StandardCharsets.UTF_8));
    return input;
  }

  private static GenerationRequest json(String body) {
    return GenerationRequest.of(input("application/json", body), UNSAID);
  }

  @Test
  void whatJsonSaysComesBeforeWhatTheModelSays() {
    GenerationRequest request =
        json(
            "{\"inputs\": \" a \\u00e9\\n\", \"parameters\": {\"max_new_tokens\": 5, \"top_p\": 1e-1}}");

    assertThat(request.form()).isEqualTo(RequestForm.JSON);
    assertThat(request.prompt()).isEqualTo(" a \u00e9\n");
    assertThat(request.arguments().maxNewTokens()).isEqualTo(5);
    assertThat(request.arguments().sampling()).isEqualTo(new Sampling(0.5, 0.1, 3));
    assertThat(
            json("{\"parameters\": {\"seed\": -8, \"temperature\": 0}, \"inputs\": \"a\"}")
                .arguments())
        .isEqualTo(UNSAID.with(Map.of("seed", -8, "temperature", 0)));
  }

  @Test
  void whatIsNullIsNotSaid() {
    assertThat(json("{\"inputs\": \"a\"}").arguments()).isEqualTo(UNSAID);
    assertThat(json("{\"inputs\": \"a\", \"parameters\": null}").arguments()).isEqualTo(UNSAID);
    assertThat(
            json("{\"inputs\": \"a\", \"stream\": null, \"parameters\": {\"seed\": null}}")
                .arguments())
        .isEqualTo(UNSAID);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain",
        "text/plain; charset=UTF-8",
        "TEXT/Plain;charset=utf-8",
      })
  void aTextIsThePromptAsItIs(String type) {
    GenerationRequest request = GenerationRequest.of(input(type, "{\"inputs\": \u00e9}\n"), UNSAID);

    assertThat(request)
        .isEqualTo(new GenerationRequest(RequestForm.TEXT, "{\"inputs\": \u00e9}\n", UNSAID));
  }

  @Test
  void aProgramSaysNeitherTypeNorNames() {
    Input input = new Input();
    input.add("The boy");

    assertThat(GenerationRequest.of(input, UNSAID))
        .isEqualTo(new GenerationRequest(RequestForm.TEXT, "The boy", UNSAID));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                                   | the body",
        "{\"inputs\": \"a\"                                   | the body is not valid JSON",
        "[\"a\"]                                              | the body is not a JSON object",
        "{\"inputs\": \"a\", \"inputs\": \"b\"}               | Duplicate field 'inputs'",
        "{\"parameters\": {}}                                 | inputs is not one text",
        "{\"inputs\": [\"a\", \"b\"]}                         | inputs is not one text",
        "{\"inputs\": \"a\", \"stream\": true}                | 'stream' of the body is not supported; known are inputs, parameters",
        "{\"inputs\": \"a\", \"parameters\": [1]}             | parameters is no object",
        "{\"inputs\": \"a\", \"parameters\": {\"top_k\": 3}}  | 'top_k' of the parameters is not supported; known are max_new_tokens, temperature, top_p, seed",
        "{\"inputs\": \"a\", \"parameters\": {\"memory_tokens\": 4}}     | 'memory_tokens' of the parameters",
        "{\"inputs\": \"a\", \"parameters\": {\"max_new_tokens\": 0}}    | max_new_tokens 0 is out of range: at least 1",
        "{\"inputs\": \"a\", \"parameters\": {\"max_new_tokens\": 1.5}}  | max_new_tokens '1.5' is no whole number",
        "{\"inputs\": \"a\", \"parameters\": {\"max_new_tokens\": \"9\"}} | is no whole number",
        "{\"inputs\": \"a\", \"parameters\": {\"temperature\": -1}}      | temperature -1.0 is out of range",
        "{\"inputs\": \"a\", \"parameters\": {\"temperature\": 1e999}}   | temperature",
        "{\"inputs\": \"a\", \"parameters\": {\"top_p\": true}}          | top_p 'true' is no number",
        "{\"inputs\": \"a\", \"parameters\": {\"seed\": 1e30}}           | seed",
      })
  void whatCannotBeDoneIsRefusedInOneLine(String body, String says) {
    assertThatThrownBy(() -> json(body))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(says)
        .message()
        .hasLineCount(1);
  }

  @Test
  void whatIsNoTextIsRefused() {
    assertRefused(
        input("application/x-www-form-urlencoded", "a"), "application/json or text/plain");
    Input latin1 = new Input();
    latin1.add("data", "\u00e9".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(latin1, "the body is not UTF-8");
    Input queried = new Input();
    queried.add("max_new_tokens", "5");
    queried.add("data", "a");
    assertRefused(queried, "'max_new_tokens' of the request");
    assertRefused(new Input(), "the request has no body");
  }

  private static void assertRefused(Input input, String says) {
    assertThatThrownBy(() -> GenerationRequest.of(input, UNSAID))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(says);
  }
}
