package org.uiospark.jobs.serve;

/** The two forms in which OpenAI has a continuation. */
enum Form {
  /** Text behind a prompt. */
  TEXT("cmpl-", "text_completion", "text_completion"),

  /** The answer of an assistant. */
  CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk");

  private final String prefix;
  private final String whole;
  private final String chunk;

  Form(String prefix, String whole, String chunk) {
    this.prefix = prefix;
    this.whole = whole;
    this.chunk = chunk;
  }

  /** Begins the id of an answer. */
  String prefix() {
    return prefix;
  }

  /** Kind of the object that is a whole answer. */
  String whole() {
    return whole;
  }

  /** Kind of the objects that are parts of one. */
  String chunk() {
    return chunk;
  }
}
