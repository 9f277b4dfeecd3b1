package org.uiospark.jobs.serve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.reading.Sampling;

/**
 * What a request asks for. A field that would change the answer and is not known here is refused,
 * unless it has the value that changes nothing.
 *
 * @param form of the answer
 * @param body all of it
 * @param memory id of the text that the prompt follows; empty for none
 * @param maxNewTokens of the answer
 * @param sampling how tokens are chosen
 * @param delivery of the answer
 */
record CompletionRequest(
    Form form,
    JsonNode body,
    String memory,
    int maxNewTokens,
    Sampling sampling,
    Delivery delivery) {
  private static final String MAX_TOKENS = "max_tokens";

  /** The limit of OpenAI's completions that give none; chats have the server's. */
  private static final int DEFAULT_NEW_TOKENS = 16;

  private static final Set<String> KNOWN =
      Set.of(
          "model",
          "prompt",
          "messages",
          "memory",
          MAX_TOKENS,
          "max_completion_tokens",
          "temperature",
          "top_p",
          "seed",
          "stream",
          "stream_options",
          // These say nothing of the answer.
          "user",
          "store",
          "metadata",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key");

  /** What these have by themselves. */
  private static final Map<String, Integer> ONE = Map.of("n", 1, "best_of", 1);

  /**
   * Reads and checks one.
   *
   * @param body of the request
   * @param settings what holds where it says nothing
   * @throws Refusal if it asks for what is not there
   */
  static CompletionRequest of(Form form, JsonNode body, ServeSettings settings) {
    body.properties().forEach(field -> requireKnown(field.getKey(), field.getValue()));
    String model = text(body, "model", settings.name());
    if (!model.equals(settings.name())) {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "model_not_found",
          "there is no model of that name here; /v1/models lists " + settings.name());
    }
    if (form == Form.TEXT && prompt(body).isEmpty()) {
      throw Refusal.badRequest("prompt is empty; give some text");
    }
    return new CompletionRequest(
        form,
        body,
        text(body, "memory", ""),
        maxNewTokens(form, body, settings.limits().newTokens()),
        sampling(body, settings.sampling()),
        delivery(body));
  }

  private static void requireKnown(String name, JsonNode value) {
    boolean neutral =
        KNOWN.contains(name)
            || value.isNull()
            || value.isContainerNode() && value.isEmpty()
            || value.isBoolean() && !value.booleanValue()
            || value.isNumber() && value.doubleValue() == ONE.getOrDefault(name, 0);
    if (!neutral) {
      throw Refusal.badRequest("'" + name + "' is not supported; leave it out");
    }
  }

  /** The prompt of a text, one text or a list of one. */
  static String prompt(JsonNode body) {
    JsonNode prompt = body.path("prompt");
    if (prompt.isArray() && prompt.size() == 1) {
      prompt = prompt.get(0);
    }
    if (!prompt.isTextual()) {
      throw Refusal.badRequest("prompt is not one text; send a request for each");
    }
    return prompt.textValue();
  }

  private static int maxNewTokens(Form form, JsonNode body, int most) {
    String key = body.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : MAX_TOKENS;
    long asked = whole(body, key, form == Form.TEXT ? Math.min(DEFAULT_NEW_TOKENS, most) : most);
    if (asked < 1 || asked > most) {
      throw Refusal.badRequest(
          String.format(Locale.ROOT, "%s is %d; give 1 to %d", key, asked, most));
    }
    return (int) asked;
  }

  private static Sampling sampling(JsonNode body, Sampling unsaid) {
    try {
      return new Sampling(
          number(body, "temperature", unsaid.temperature()),
          number(body, "top_p", unsaid.topP()),
          whole(body, "seed", unsaid.seed()));
    } catch (InvalidInputException e) {
      throw Refusal.badRequest(e.getMessage());
    }
  }

  private static Delivery delivery(JsonNode body) {
    JsonNode options = body.path("stream_options");
    if (!options.isObject() && body.hasNonNull("stream_options")) {
      throw Refusal.badRequest("stream_options is no object");
    }
    if (!flag(body, "stream")) {
      return Delivery.WHOLE;
    }
    return flag(options, "include_usage") ? Delivery.STREAMED_WITH_USAGE : Delivery.STREAMED;
  }

  private static boolean flag(JsonNode body, String key) {
    if (body.hasNonNull(key) && !body.get(key).isBoolean()) {
      throw Refusal.badRequest(key + " is neither true nor false");
    }
    return body.path(key).booleanValue();
  }

  private static String text(JsonNode body, String key, String unsaid) {
    if (!body.hasNonNull(key)) {
      return unsaid;
    }
    if (!body.get(key).isTextual()) {
      throw Refusal.badRequest(key + " is no text");
    }
    return body.get(key).textValue();
  }

  private static double number(JsonNode body, String key, double unsaid) {
    if (!body.hasNonNull(key)) {
      return unsaid;
    }
    if (!body.get(key).isNumber()) {
      throw Refusal.badRequest(key + " is no number");
    }
    return body.get(key).doubleValue();
  }

  private static long whole(JsonNode body, String key, long unsaid) {
    if (!body.hasNonNull(key)) {
      return unsaid;
    }
    if (!body.get(key).isIntegralNumber() || !body.get(key).canConvertToLong()) {
      throw Refusal.badRequest(key + " is no whole number");
    }
    return body.get(key).longValue();
  }
}
