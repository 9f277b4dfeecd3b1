package org.uiospark.data;

import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * {@code tokenizer_config.json} beside a tokenizer, on its way to the executors.
 *
 * @param where its path
 * @param json its bytes; none if it is missing or nothing asks for it
 */
record ChatConfig(String where, byte[] json) implements Serializable {
  private static final String NAME = "tokenizer_config.json";

  /** For one conversation; templates take some milliseconds. */
  private static final long PATIENCE_MILLIS = 20_000;

  static ChatConfig of(PrepSettings settings, Configuration configuration) {
    InputFile file = new InputFile(settings.tokenizer(), configuration).sibling(NAME);
    boolean read = settings.objective() == Objective.SFT && file.exists();
    return new ChatConfig(file.name(), read ? file.bytes() : new byte[0]);
  }

  /** The template; empty if there is none. */
  Optional<ChatTemplate> template() {
    return json.length == 0 ? Optional.empty() : ChatTemplate.of(json, where, PATIENCE_MILLIS);
  }
}
