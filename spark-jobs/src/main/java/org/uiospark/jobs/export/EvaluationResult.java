package org.uiospark.jobs.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * What {@code evaluate} found, for the model card.
 *
 * @param name what was measured: the name of the file
 * @param figures the JSON object as it was written
 */
record EvaluationResult(String name, JsonNode figures) {
  private static final String JSON = ".json";

  /**
   * Reads a result, or all results of a folder, by name. What else lies in a folder, such as the
   * address of a tracking server where train wrote to it too, does not belong in public.
   *
   * @param uri file or folder; empty for none
   * @param modelFingerprint of the export's base model
   * @throws InvalidInputException if there is none, or one is of another base model
   */
  static List<EvaluationResult> read(
      String uri, String modelFingerprint, Configuration configuration) {
    if (uri.isEmpty()) {
      return List.of();
    }
    OutputFolder place = OutputFolder.of(uri, configuration);
    try {
      List<EvaluationResult> results =
          Arrays.stream(place.fs().listStatus(place.root()))
              .filter(FileStatus::isFile)
              .map(FileStatus::getPath)
              .filter(
                  file ->
                      file.equals(place.root())
                          ? file.getName().endsWith(JSON)
                          : ResultFile.NAMES.contains(file.getName()))
              .sorted()
              .map(file -> of(file, place, modelFingerprint))
              .toList();
      if (results.isEmpty()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "evaluation %s holds no %s file of evaluate; name a file or folder that it wrote",
                place.root(),
                JSON));
      }
      return results;
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "evaluation %s does not exist; name a file or folder that evaluate wrote",
              place.root()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("evaluation " + place.root() + " cannot be read", e);
    }
  }

  private static EvaluationResult of(Path file, OutputFolder place, String modelFingerprint) {
    JsonNode figures;
    try (var in = new OutputFolder(place.fs(), file.getParent()).open(file.getName())) {
      figures = InputJson.object(file.toString(), InputJson.bytes(file.toString(), in));
    } catch (IOException e) {
      throw new UncheckedIOException("evaluation " + file + " cannot be read", e);
    }
    String measured = figures.path("model_fingerprint").asText(modelFingerprint);
    if (!measured.equals(modelFingerprint)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s was measured on another base model than that of the checkpoint; evaluate this one",
              file));
    }
    String name = file.getName();
    return new EvaluationResult(name.substring(0, name.length() - JSON.length()), figures);
  }
}
