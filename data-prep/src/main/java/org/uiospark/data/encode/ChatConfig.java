package org.uiospark.data.encode;

import java.io.Serializable;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.InputFile;

/**
 * What lies beside a tokenizer and says how it reads chats, on its way to the executors.
 *
 * @param where the path of its {@code tokenizer_config.json}
 * @param files the bytes of those {@link #NAMES} that are there; none if nothing asks for them
 * @param now the time that templates are told, one for the whole job
 */
public record ChatConfig(String where, Map<String, byte[]> files, LocalDateTime now)
    implements Serializable {
  static final String CONFIG = "tokenizer_config.json";
  static final String SPECIAL_TOKENS = "special_tokens_map.json";
  static final String TEMPLATE = "chat_template.jinja";
  static final String TOOL_TEMPLATE = "additional_chat_templates/tool_use.jinja";

  static final String[] NAMES = {CONFIG, SPECIAL_TOKENS, TEMPLATE, TOOL_TEMPLATE};

  /** Reads the files beside the tokenizer; none if the objective asks for no chats. */
  public static ChatConfig of(PrepSettings settings, Configuration configuration) {
    InputFile tokenizer = new InputFile(settings.tokenizer(), configuration);
    return settings.objective() == Objective.SFT
        ? beside(tokenizer)
        : new ChatConfig(tokenizer.sibling(CONFIG).name(), Map.of(), thisMoment());
  }

  /** Reads the files beside a tokenizer. */
  public static ChatConfig beside(InputFile tokenizer) {
    Map<String, byte[]> files = new HashMap<>();
    for (String name : NAMES) {
      InputFile file = tokenizer.sibling(name);
      if (file.exists()) {
        files.put(name, file.bytes());
      }
    }
    return new ChatConfig(tokenizer.sibling(CONFIG).name(), files, thisMoment());
  }

  private static LocalDateTime thisMoment() {
    return LocalDateTime.now(ZoneId.systemDefault());
  }

  /** The same files read at this moment: templates may write the date. */
  public ChatConfig atThisMoment() {
    return new ChatConfig(where, files, thisMoment());
  }

  /** The template; empty if there is none. */
  public Optional<ChatTemplate> template() {
    return ChatTemplate.of(this);
  }
}
