package org.uiospark.data.prep;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Tables as {@code datasets} saves them, written with Arrow itself. */
final class SavedTables {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Rows of a record batch: less than a file has, so that slices cut between them. */
  private static final int BATCH = 3;

  private SavedTables() {}

  /** The layout of {@code save_to_disk(..., num_shards=2)}, written with Arrow itself. */
  static Path save(Path folder, List<JsonNode> records) throws IOException {
    Path saved = Files.createDirectories(folder);
    List<Map<String, String>> names = new ArrayList<>();
    int half = records.size() / 2;
    for (int i = 0; i < 2; i++) {
      String file = "data-0000" + i + "-of-00002.arrow";
      names.add(Map.of("filename", file));
      try (OutputStream out = Files.newOutputStream(saved.resolve(file))) {
        arrow(
            records.subList(half * i, half * (i + 1)),
            root -> new ArrowStreamWriter(root, null, Channels.newChannel(out)));
      }
    }
    Map<String, Object> state = new TreeMap<>();
    state.put("_data_files", names);
    state.put("_fingerprint", "6f3c1cf2fa34b2b5");
    state.put("_format_columns", null);
    state.put("_format_kwargs", Map.of());
    state.put("_format_type", null);
    state.put("_output_all_columns", false);
    state.put("_split", null);
    JSON.writeValue(saved.resolve("state.json").toFile(), state);
    Files.writeString(saved.resolve("dataset_info.json"), "{\"features\": {}}");
    return saved;
  }

  /** How a stream and a file differ. */
  interface Opened {
    ArrowWriter of(VectorSchemaRoot root) throws IOException;
  }

  /** Writes the records as a table of {@code id} and {@code text}. */
  static void arrow(List<JsonNode> records, Opened opened) throws IOException {
    Schema schema =
        new Schema(
            List.of(
                Field.nullable("id", new ArrowType.Utf8()),
                Field.nullable("text", new ArrowType.Utf8())));
    try (BufferAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowWriter writer = opened.of(root)) {
      writer.start();
      for (int from = 0; from < records.size(); from += BATCH) {
        List<JsonNode> batch = records.subList(from, Math.min(records.size(), from + BATCH));
        root.allocateNew();
        for (int i = 0; i < batch.size(); i++) {
          for (String column : List.of("id", "text")) {
            byte[] value = batch.get(i).get(column).textValue().getBytes(UTF_8);
            ((VarCharVector) root.getVector(column)).setSafe(i, value);
          }
        }
        root.setRowCount(batch.size());
        writer.writeBatch();
      }
      writer.end();
    }
  }
}
