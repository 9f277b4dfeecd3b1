package org.uiospark.model.serve;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.DeferredTranslatorFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests and answers as DJL Serving hands them on, to a model that it loads. */
class ServedRequestTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TEXT = "It was a dark night and the boy ran home. ".repeat(8);

  @TempDir static Path folder;
  private static ZooModel<Input, Output> model;

  @BeforeAll
  static void load() throws Exception {
    SavedExport.write(folder);
    model = criteria(Input.class, Output.class, Map.of("max_new_tokens", 12)).loadModel();
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static <I, O> Criteria<I, O> criteria(
      Class<I> input, Class<O> output, Map<String, ?> arguments) {
    Criteria.Builder<I, O> builder =
        Criteria.builder()
            .setTypes(input, output)
            .optModelPath(folder)
            .optTranslatorFactory(new DeferredTranslatorFactory());
    arguments.forEach(builder::optArgument);
    return builder.build();
  }

  /** What the translator of texts gives. */
  private static String continued(Map<String, ?> arguments) throws Exception {
    try (ZooModel<String, String> texts =
            criteria(String.class, String.class, arguments).loadModel();
        Predictor<String, String> predictor = texts.newPredictor()) {
      return predictor.predict(TEXT);
    }
  }

  private static Input request(String type, String body) {
    Input input = new Input();
    input.addProperty("content-type", type);
    input.add("data", body);
    return input;
  }

  private static Input request(Map<String, ?> parameters) throws IOException {
    return request(
        "application/json",
        JSON.writeValueAsString(Map.of("inputs", TEXT, "parameters", parameters)));
  }

  private static List<Output> answers(Input... requests) throws Exception {
    try (Predictor<Input, Output> predictor = model.newPredictor()) {
      return predictor.batchPredict(List.of(requests));
    }
  }

  private static JsonNode json(Output answer) throws IOException {
    assertThat(answer.getProperty("Content-Type", "")).startsWith("application/json");
    return JSON.readTree(answer.getData().getAsBytes());
  }

  @Test
  void eachRequestIsContinuedAsItAsks() throws Exception {
    Map<String, ?> drawn = Map.of("max_new_tokens", 7, "temperature", 1.5, "top_p", 0.9, "seed", 5);

    List<Output> answers =
        answers(request(Map.of()), request(drawn), request("text/plain", TEXT), request(drawn));

    String greedy = continued(Map.of("max_new_tokens", 12));
    String random = continued(drawn);
    assertThat(random).isNotEqualTo(greedy);
    assertThat(answers).allSatisfy(answer -> assertThat(answer.getCode()).isEqualTo(200));
    assertThat(json(answers.get(0))).isEqualTo(JSON.valueToTree(Map.of("generated_text", greedy)));
    assertThat(json(answers.get(1)).get("generated_text").textValue()).isEqualTo(random);
    assertThat(answers.get(2).getData().getAsString()).isEqualTo(greedy);
    assertThat(answers.get(2).getProperty("Content-Type", ""))
        .isEqualTo("text/plain; charset=utf-8");
    assertThat(json(answers.get(3)).get("generated_text").textValue()).isEqualTo(random);
  }

  @Test
  void whatIsRefusedSaysWhyAndLeavesTheOthersOfItsBatch() throws Exception {
    List<Output> answers =
        answers(
            request(Map.of("max_new_tokens", 0)),
            request("text/plain", ""),
            request("text/plain", TEXT),
            request("application/json", "{\"inputs\": \"a\n\"}"));

    assertRefused(answers.get(0), "max_new_tokens 0 is out of range: at least 1");
    assertRefused(answers.get(1), "the prompt is empty; give some text");
    assertThat(answers.get(2).getData().getAsString())
        .isEqualTo(continued(Map.of("max_new_tokens", 12)));
    assertRefused(answers.get(3), "the body is not valid JSON");
  }

  private static void assertRefused(Output answer, String says) throws IOException {
    assertThat(answer.getCode()).isEqualTo(400);
    JsonNode body = json(answer);
    assertThat(body.get("code").intValue()).isEqualTo(400);
    assertThat(body.get("message").textValue()).contains(says).hasLineCount(1);
  }
}
