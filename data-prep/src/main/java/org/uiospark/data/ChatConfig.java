package org.uiospark.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InputJson;

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

  static ChatConfig of(PrepSettings settings, Configuration configuration) throws IOException {
    Path folder = new Path(settings.tokenizer()).getParent();
    Path path = folder == null ? new Path(NAME) : new Path(folder, NAME);
    FileSystem files = path.getFileSystem(configuration);
    if (settings.objective() != Objective.SFT || !files.exists(path)) {
      return new ChatConfig(path.toString(), new byte[0]);
    }
    try (InputStream in = files.open(path)) {
      return new ChatConfig(path.toString(), InputJson.bytes(path.toString(), in));
    }
  }

  /** The template; empty if there is none. */
  Optional<ChatTemplate> template() {
    return json.length == 0 ? Optional.empty() : ChatTemplate.of(json, where, PATIENCE_MILLIS);
  }
}
