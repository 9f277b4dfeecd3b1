package org.uiospark.jobs.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.spark.sql.SparkSession;
import org.uiospark.jobs.LocalSpark;

/**
 * Damaged and lying files of data sets: each loads whole, or ends in one clear line; no other
 * exception, no hang, no memory beyond what the file accounts for.
 */
@Tag("cluster")
class HostileDataSetsTest {
  private static final Path BOOK =
      Path.of("src/main/resources/org/uiospark/jobs/quickstart/books/emma.txt");
  private static final String ARROW = "data-00000-of-00001.arrow";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static HostileFolder files;

  @BeforeContainer
  static void goodFiles() throws IOException {
    files = HostileFolder.create();
    Path book =
        Files.writeString(
            files.good().resolve("book.txt"), Files.readString(BOOK).substring(2000, 6000));
    SparkSession spark = LocalSpark.start(1);
    try {
      PreparedText.prepare(spark, book, files.good().resolve("data"));
    } finally {
      spark.stop();
    }
  }

  @AfterContainer
  static void clean() throws IOException {
    files.close();
  }

  @Provide
  Arbitrary<String> dataFiles() {
    return Arbitraries.of("state.json", ARROW);
  }

  @Property
  void dataSets(
      @ForAll("dataFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages,
      @ForAll boolean summed)
      throws Exception {
    Path set = files.fresh("data");
    HostileFolder.spoil(set.resolve(name), damages);
    boolean resummed = summed && name.equals(ARROW);
    if (resummed) {
      ObjectNode state = (ObjectNode) JSON.readTree(set.resolve("state.json").toFile());
      HostileFolder.sum((ObjectNode) state.get("_data_files").get(0), set.resolve(ARROW));
      JSON.writeValue(set.resolve("state.json").toFile(), state);
    }
    Integer read = Guarded.read(set, () -> PreparedText.tokens(set).length);
    // Tokens with a true sum may be any.
    if (read != null && !resummed) {
      assertThat(PreparedText.tokens(set))
          .isEqualTo(PreparedText.tokens(files.good().resolve("data")));
    }
  }
}
