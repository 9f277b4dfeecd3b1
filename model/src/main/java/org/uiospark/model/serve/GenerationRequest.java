package org.uiospark.model.serve;

import ai.djl.modality.Input;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.UnicodeReader;

/**
 * What a client of DJL Serving asks. A field that is not known here is refused.
 *
 * @param form in which it asks, and is answered
 * @param prompt the text to continue
 * @param arguments how
 */
record GenerationRequest(RequestForm form, String prompt, GenerationArguments arguments) {
  private static final String INPUTS = "inputs";
  private static final String PARAMETERS = "parameters";

  /** Of the query and the body: the server reads the first two, and calls the body so. */
  private static final List<String> PARTS = List.of("model_name", "model_version", "data");

  /**
   * Reads and checks one.
   *
   * @param unsaid what holds where it says nothing
   * @throws InvalidInputException if it asks for what is not there
   */
  static GenerationRequest of(Input input, GenerationArguments unsaid) {
    RequestForm form = RequestForm.of(input);
    // What a program adds to an Input by itself has no name.
    List<String> parts = input.getContent().keys().stream().filter(Objects::nonNull).toList();
    requireKnown("request", parts, PARTS);
    if (input.getData() == null) {
      throw new InvalidInputException("the request has no body; give some text");
    }
    byte[] body = input.getData().getAsBytes();
    return form == RequestForm.JSON
        ? of(InputJson.object("the body", body), unsaid)
        : new GenerationRequest(form, text(body), unsaid);
  }

  private static GenerationRequest of(JsonNode body, GenerationArguments unsaid) {
    requireKnown("body", given(body).keySet(), List.of(INPUTS, PARAMETERS));
    if (!body.path(INPUTS).isTextual()) {
      throw new InvalidInputException(INPUTS + " is not one text; send a request for each");
    }
    if (body.hasNonNull(PARAMETERS) && !body.get(PARAMETERS).isObject()) {
      throw new InvalidInputException(PARAMETERS + " is no object");
    }
    Map<String, JsonNode> asked = given(body.path(PARAMETERS));
    requireKnown(PARAMETERS, asked.keySet(), GenerationArguments.OF_A_TEXT);
    return new GenerationRequest(
        RequestForm.JSON, body.path(INPUTS).textValue(), unsaid.with(asked));
  }

  /** The fields of an object; null says nothing. */
  private static Map<String, JsonNode> given(JsonNode object) {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    object.properties().stream()
        .filter(field -> !field.getValue().isNull())
        .forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  private static void requireKnown(String where, Collection<String> keys, List<String> known) {
    for (String key : keys) {
      if (!known.contains(key)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "'%s' of the %s is not supported; known are %s",
                key,
                where,
                String.join(", ", known)));
      }
    }
  }

  private static String text(byte[] body) {
    try {
      return UnicodeReader.strict(ByteBuffer.wrap(body));
    } catch (CharacterCodingException e) {
      throw new InvalidInputException("the body is not UTF-8; convert it to UTF-8", e);
    }
  }
}
