package org.uiospark.data.listing;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/** A folder that {@code save_to_disk} of HuggingFace's {@code datasets} wrote. */
final class SavedFolder {
  /** What {@code datasets} and hubs put beside data; it is JSON and holds no record. */
  static final List<String> DESCRIPTIONS =
      List.of("dataset_info.json", "dataset_infos.json", "dataset_dict.json");

  private static final String STATE = "state.json";

  private SavedFolder() {}

  /** Whether a folder is one, by the names in it. A data set of prep looks the same. */
  static boolean is(List<String> names) {
    return names.contains(STATE) && names.contains(DESCRIPTIONS.get(0));
  }

  /**
   * The names of its data files; empty if it holds no text but what prep wrote.
   *
   * @param names of the files that are there
   * @throws InvalidInputException if it is damaged, or a data file is missing
   */
  static Optional<List<String>> data(FileSystem system, Path folder, List<String> names)
      throws IOException {
    String origin = new Path(folder, STATE).toString();
    JsonNode state;
    try (InputStream in = system.open(new Path(folder, STATE))) {
      state = InputJson.object(origin, InputJson.bytes(origin, in));
    }
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
}
