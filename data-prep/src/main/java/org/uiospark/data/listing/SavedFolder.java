package org.uiospark.data.listing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/** A folder that {@code save_to_disk} of HuggingFace's {@code datasets} wrote. */
final class SavedFolder {
  /** What {@code datasets} and hubs put beside data; it is JSON and holds no record. */
  static final List<String> DESCRIPTIONS =
      List.of("dataset_info.json", "dataset_infos.json", "dataset_dict.json");

  private static final String STATE = "state.json";

  private static final Logger LOG = LoggerFactory.getLogger(SavedFolder.class);

  private SavedFolder() {}

  /** Whether a file in one says what the others hold. */
  static boolean describes(String name) {
    return name.equals(STATE) || DESCRIPTIONS.contains(name);
  }

  /** Whether a folder is one, by the names in it. A data set of prep looks the same. */
  static boolean is(List<String> names) {
    return names.contains(STATE) && names.contains(DESCRIPTIONS.get(0));
  }

  /**
   * The names of its data files; empty if prep wrote it, or its state cannot be read.
   *
   * @param names of the files that are there
   * @throws InvalidInputException if a data file is missing
   */
  static Optional<List<String>> data(FileSystem system, Path folder, List<String> names)
      throws IOException {
    String origin = new Path(folder, STATE).toString();
    JsonNode state = state(system, new Path(folder, STATE), origin);
    if (state.has("uio") || !state.path("_data_files").isArray()) {
      return Optional.empty();
    }
    if (state.path("_indices_data_files").size() > 0) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s selects rows by a list of indices; save it with datasets 2 or later",
              folder));
    }
    List<String> data = new ArrayList<>();
    for (JsonNode file : state.get("_data_files")) {
      String name = FileName.of(origin, file.path("filename"));
      if (!names.contains(name)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s names %s, which is missing; copy or save the folder again",
                origin,
                name));
      }
      data.add(name);
    }
    return Optional.of(data);
  }

  /** What a state says; nothing where it says nothing that can be read. */
  private static JsonNode state(FileSystem system, Path path, String origin) throws IOException {
    try (InputStream in = system.open(path)) {
      return InputJson.object(origin, InputJson.bytes(origin, in));
    } catch (InvalidInputException e) {
      LOG.warn("{}; its folder is passed over", e.getMessage());
      return JsonNodeFactory.instance.objectNode();
    }
  }
}
