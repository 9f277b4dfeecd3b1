package org.uiospark.model.serve;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;

/** The two forms of a request to DJL Serving, and of its answer. */
enum RequestForm {
  /** As DJL's own text generation has it. */
  JSON("application/json"),

  /** The text alone; it says nothing of how. */
  TEXT("text/plain");

  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final String CONTENT_TYPE = "Content-Type";

  private final String type;

  RequestForm(String type) {
    this.type = type;
  }

  /**
   * That of a request; without a type it is text.
   *
   * @throws InvalidInputException if it has another type
   */
  static RequestForm of(Input input) {
    String given = input.getProperty(CONTENT_TYPE, TEXT.type);
    String type = given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    for (RequestForm form : values()) {
      if (type.equals(form.type)) {
        return form;
      }
    }
    throw new InvalidInputException(
        String.format(
            Locale.ROOT,
            "Content-Type '%s' is not supported; send %s or %s",
            given,
            JSON.type,
            TEXT.type));
  }

  /** A continuation. */
  Output answer(String continuation) {
    return output(
        new Output(),
        this == JSON
            ? MAPPER.createObjectNode().put("generated_text", continuation).toString()
            : continuation);
  }

  /** What the client can mend, as the server says it of its own. */
  static Output refusal(String message) {
    Output refusal = new Output(400, "Bad Request");
    return JSON.output(
        refusal,
        MAPPER
            .createObjectNode()
            .put("code", refusal.getCode())
            .put("type", InvalidInputException.class.getSimpleName())
            .put("message", message)
            .toString());
  }

  private Output output(Output to, String body) {
    to.addProperty(CONTENT_TYPE, type + "; charset=utf-8");
    to.add(body);
    return to;
  }
}
