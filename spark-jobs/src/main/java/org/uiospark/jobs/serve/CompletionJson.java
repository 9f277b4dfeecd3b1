package org.uiospark.jobs.serve;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;

/** The objects of one answer, as OpenAI has them. */
final class CompletionJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CONTENT = "content";

  private final Form form;
  private final String model;
  private final String id;
  private final long created = Instant.now().getEpochSecond();

  CompletionJson(Form form, String model) {
    this.form = form;
    this.model = model;
    this.id = form.prefix() + UUID.randomUUID().toString().replace("-", "");
  }

  private ObjectNode object(String kind) {
    return JSON.createObjectNode()
        .put("id", id)
        .put("object", kind)
        .put("created", created)
        .put("model", model);
  }

  private static ObjectNode choice(ObjectNode answer) {
    return answer.putArray("choices").addObject().put("index", 0);
  }

  /** All of it. */
  ObjectNode whole(String text, Reply.End end) {
    ObjectNode answer = object(form.whole());
    ObjectNode choice = choice(answer);
    if (form == Form.CHAT) {
      choice.putObject("message").put("role", "assistant").put(CONTENT, text);
    } else {
      choice.put("text", text);
    }
    choice.putNull("logprobs").put("finish_reason", end.reason());
    putUsage(answer, end);
    return answer;
  }

  /** What comes before the first part: a chat says who speaks. */
  ObjectNode first() {
    ObjectNode part = part("");
    if (form == Form.CHAT) {
      ((ObjectNode) part.at("/choices/0/delta")).put("role", "assistant");
    }
    return part;
  }

  /** A part of it. */
  ObjectNode part(String text) {
    ObjectNode part = object(form.chunk());
    ObjectNode choice = choice(part);
    if (form == Form.CHAT) {
      choice.putObject("delta").put(CONTENT, text);
    } else {
      choice.put("text", text);
    }
    choice.putNull("logprobs").putNull("finish_reason");
    return part;
  }

  /** The part that says why it ends. */
  ObjectNode last(Reply.End end) {
    ObjectNode part = part("");
    ObjectNode choice = (ObjectNode) part.at("/choices/0");
    if (form == Form.CHAT) {
      choice.putObject("delta");
    }
    choice.put("finish_reason", end.reason());
    return part;
  }

  /** The part that says what it took. */
  ObjectNode usage(Reply.End end) {
    ObjectNode part = object(form.chunk());
    part.putArray("choices");
    putUsage(part, end);
    return part;
  }

  private static void putUsage(ObjectNode answer, Reply.End end) {
    answer
        .putObject("usage")
        .put("prompt_tokens", end.promptTokens())
        .put("completion_tokens", end.newTokens())
        .put("total_tokens", end.promptTokens() + end.newTokens());
  }
}
