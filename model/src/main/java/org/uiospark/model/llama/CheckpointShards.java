package org.uiospark.model.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * The safetensors files of a checkpoint: one, or those of an index.
 *
 * @param files open files by file name
 * @param byTensor the file that holds each tensor
 */
record CheckpointShards(Map<String, SafetensorsFile> files, Map<String, SafetensorsFile> byTensor)
    implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  static CheckpointShards open(Path folder) {
    CheckpointShards shards = new CheckpointShards(new LinkedHashMap<>(), new LinkedHashMap<>());
    try {
      if (Files.exists(folder.resolve(SINGLE))) {
        shards.add(SINGLE, folder.resolve(SINGLE));
      } else if (Files.exists(folder.resolve(INDEX))) {
        shards.addIndexed(folder);
      } else {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT, "%s has no weights: expected %s or %s", folder, SINGLE, INDEX));
      }
      return shards;
    } catch (RuntimeException e) {
      shards.close();
      throw e;
    }
  }

  private void addIndexed(Path folder) {
    Path index = folder.resolve(INDEX);
    JsonNode map = InputJson.object(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new InvalidInputException(index + " has no weight_map");
    }
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = FileName.of(index.toString(), entry.getValue());
      if (!files.containsKey(shard)) {
        add(shard, folder.resolve(shard));
      }
      if (!files.get(shard).names().contains(entry.getKey())) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s lists tensor %s in %s, which does not hold it",
                index,
                entry.getKey(),
                shard));
      }
    }
    for (String name : byTensor.keySet()) {
      if (!map.has(name)) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s holds tensor %s, which %s does not list",
                byTensor.get(name).origin(),
                name,
                index));
      }
    }
  }

  private void add(String fileName, Path path) {
    SafetensorsFile file = SafetensorsFile.open(path);
    files.put(fileName, file);
    for (String name : file.names()) {
      SafetensorsFile other = byTensor.put(name, file);
      if (other != null) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "tensor %s is in two files, %s and %s",
                name,
                other.origin(),
                file.origin()));
      }
    }
  }

  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
