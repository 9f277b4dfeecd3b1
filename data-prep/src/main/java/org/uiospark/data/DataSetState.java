package org.uiospark.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.DataSetDescription.DataFile;
import org.uiospark.model.InvalidInputException;

/** Reads and writes {@code state.json}. What it does not name does not exist. */
final class DataSetState {
  private static final String FILE = "state.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private DataSetState() {}

  static boolean exists(String uri, Configuration configuration) throws IOException {
    Path state = new Path(uri, FILE);
    return state.getFileSystem(configuration).exists(state);
  }

  static DataSetDescription read(String uri, Configuration configuration) throws IOException {
    Path path = new Path(uri, FILE);
    FileSystem system = path.getFileSystem(configuration);
    if (!system.exists(path)) {
      throw new InvalidInputException(
          "%s is not a committed data set: it has no state.json; run prep first".formatted(uri));
    }
    JsonNode state;
    try (InputStream in = system.open(path)) {
      state = JSON.readTree(in);
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(
          "%s is not JSON: %s; run prep into a new directory"
              .formatted(path, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
    JsonNode uio = state.path("uio");
    if (!uio.isObject() || !state.path("_data_files").isArray()) {
      throw new InvalidInputException(
          "%s was not written by prep: it lacks its settings; run prep into a new directory"
              .formatted(path));
    }
    List<DataFile> files = new ArrayList<>();
    for (JsonNode file : state.get("_data_files")) {
      files.add(
          new DataFile(
              file.path("filename").asText(),
              file.path("rows").asLong(),
              file.path("bytes").asLong(),
              file.path("sha256").asText()));
    }
    List<String> ledgers = new ArrayList<>();
    uio.path("ledgers").forEach(name -> ledgers.add(name.asText()));
    return new DataSetDescription(
        uri,
        state.path("_fingerprint").asText(),
        uio.path("segment_length").asInt(),
        uio.path("max_segments").asInt(),
        uio.path("min_segments").asInt(),
        uio.path("tokenizer_sha256").asText(),
        uio.path("eos_token_id").asInt(),
        uio.path("vocabulary_size").asInt(),
        uio.path("sequences").asLong(),
        uio.path("tokens").asLong(),
        List.copyOf(files),
        List.copyOf(ledgers));
  }

  static ObjectNode json(DataSetDescription set, String sparkVersion) {
    ObjectNode state = JSON.createObjectNode();
    ArrayNode files = state.putArray("_data_files");
    for (DataFile file : set.files()) {
      files
          .addObject()
          .put("filename", file.filename())
          .put("rows", file.rows())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    state.put("_fingerprint", set.fingerprint());
    state.putNull("_format_columns");
    state.putObject("_format_kwargs");
    state.putNull("_format_type");
    state.put("_output_all_columns", false);
    state.putNull("_split");
    ObjectNode uio = state.putObject("uio");
    uio.put("segment_length", set.segmentLength())
        .put("max_segments", set.maxSegments())
        .put("min_segments", set.minSegments())
        .put("tokenizer_sha256", set.tokenizerSha256())
        .put("eos_token_id", set.eosTokenId())
        .put("vocabulary_size", set.vocabularySize())
        .put("sequences", set.sequences())
        .put("tokens", set.tokens());
    set.ledgers().forEach(uio.putArray("ledgers")::add);
    String version = DataSetState.class.getPackage().getImplementationVersion();
    uio.putObject("versions")
        .put("uio-spark", version == null ? "unpackaged" : version)
        .put("spark", sparkVersion);
    return state;
  }

  /** Makes a state that {@link #json} gave the one of the data set. */
  static void replace(FileSystem files, Path root, JsonNode state) throws IOException {
    ObjectNode info = JSON.createObjectNode();
    info.put("citation", "").put("description", "").put("homepage", "").put("license", "");
    info.set("features", JSON.readTree(ArrowSequenceWriter.FEATURES));
    AtomicWrite.replace(files, new Path(root, "dataset_info.json"), bytes(info));
    // Readers go by this file alone: before this step they see the old data set, after it the new.
    AtomicWrite.replace(files, new Path(root, FILE), bytes(state));
  }

  private static byte[] bytes(JsonNode content) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content);
  }
}
