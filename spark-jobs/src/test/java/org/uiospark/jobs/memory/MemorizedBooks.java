package org.uiospark.jobs.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.uiospark.data.settings.RecordFields;
import org.uiospark.data.settings.TextReading;
import org.uiospark.jobs.LocalSpark;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.segment.SegmentRatios;

/** The embedded model with an adapter for segments of 32 tokens, and runs of memorize over them. */
public final class MemorizedBooks {
  static final Path MODEL = Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  private static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");

  private MemorizedBooks() {}

  /** Some of a book. */
  public static String book(int from, int to) throws IOException {
    return Files.readString(BOOK).substring(from, to);
  }

  /** An adapter whose values all differ, for 4 and for 8 memory tokens. */
  public static Path adapter(Path to, double size) throws IOException {
    try (LlamaCheckpoint base = LlamaCheckpoint.open(MODEL)) {
      AdapterShape shape = AdapterShape.of(base.config(), 4, 8);
      float[] values = new float[shape.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (size * Math.sin(1.7 * i));
      }
      AdapterFiles.save(
          to,
          new Adapter(shape, values),
          AdapterConfig.of(
              AdapterConfig.BaseModel.of("tiny", base.fingerprint(), base.config()),
              new SegmentRatios(32, List.of(4, 8)),
              shape,
              Map.of()));
    }
    return to;
  }

  /** For 4 memory tokens. */
  public static MemorizeSettings settings(Path adapter, Path input, Path output) {
    return new MemorizeSettings(
        MODEL.toString(),
        adapter.toString(),
        OptionalInt.of(4),
        List.of(input.toString()),
        output.toString(),
        new TextReading(RecordFields.ofText("text"), 0.001),
        2 << 20,
        0.01);
  }

  /** Commits after so many segments. */
  static MemorizeSummary run(int cores, MemorizeSettings settings, int commitSegments) {
    SparkSession spark = LocalSpark.start(cores);
    try {
      return Memorize.run(spark, settings, commitSegments);
    } finally {
      spark.stop();
    }
  }

  /** In so many tasks at once. */
  public static MemorizeSummary run(int cores, MemorizeSettings settings) {
    return run(cores, settings, 1 << 13);
  }

  /** SHA-256 of the memory files by their names. */
  public static Map<String, String> files(Path output) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (var all = Files.list(output)) {
      for (Path file : all.filter(path -> path.toString().endsWith(".safetensors")).toList()) {
        files.put(file.getFileName().toString(), Sha256.hex(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  static Path only(Path output) throws IOException {
    Map<String, String> files = files(output);
    assertThat(files).hasSize(1);
    return output.resolve(files.keySet().iterator().next());
  }
}
