package org.uiospark.data.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.dataset.DataSetDescription.Ledger;
import org.uiospark.data.settings.Cutting;
import org.uiospark.data.settings.Objective;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.FolderKind;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.FileName;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.text.TokenizerIdentity;

/** Reads and writes {@code state.json}. What it does not name does not exist. */
public final class DataSetState {
  private static final String FILE = "state.json";

  private static final String FOOTER = "footer_sha256";
  private static final String OBJECTIVE = "objective";
  private static final String TEMPLATE = "chat_template_sha256";
  private static final String TOKENIZER = "tokenizer_sha256";
  private static final String TOKENIZER_FINGERPRINT = "tokenizer_fingerprint";

  /** Two offsets of 4 bytes and one of 8, before any token. */
  private static final int MIN_ROW_BYTES = 16;

  private static final ObjectMapper JSON = new ObjectMapper();

  private DataSetState() {}

  /** Whether a data set was committed to a directory. */
  public static boolean exists(String uri, Configuration configuration) throws IOException {
    Path state = new Path(InputFile.path(uri), FILE);
    return state.getFileSystem(configuration).exists(state);
  }

  /**
   * Reads it.
   *
   * @throws InvalidInputException if nothing was committed there, or the file is damaged
   */
  public static DataSetDescription read(String uri, Configuration configuration)
      throws IOException {
    Path path = new Path(InputFile.path(uri), FILE);
    FileSystem system = path.getFileSystem(configuration);
    Optional<FileStatus> found = status(system, path);
    if (found.isEmpty()) {
      throw new InvalidInputException(
          uri + " is not a committed data set: " + otherwise(system, path.getParent()));
    }
    JsonNode state;
    // With its status S3 is not asked for it again.
    try (InputStream in =
        FutureIO.awaitFuture(system.openFile(path).withFileStatus(found.get()).build())) {
      state = InputJson.object(path.toString(), InputJson.bytes(path.toString(), in));
    }
    return new Reader(path.toString(), state).description(uri);
  }

  /** Of a file; empty if there is none in that place. */
  static Optional<FileStatus> status(FileSystem system, Path path) throws IOException {
    try {
      return Optional.of(system.getFileStatus(path)).filter(FileStatus::isFile);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static String otherwise(FileSystem system, Path folder) throws IOException {
    if (!system.exists(folder)) {
      return "it does not exist; check its path or run prep first";
    }
    return FolderKind.of(name -> system.exists(new Path(folder, name)))
        .map(kind -> "it is " + kind + "; name what prep wrote")
        .orElse("it has no state.json; run prep first");
  }

  /** Takes nothing on trust: every name stays in the folder, every count is one. */
  private record Reader(String origin, JsonNode state) {
    DataSetDescription description(String uri) {
      JsonNode uio = state.path("uio");
      if (!uio.isObject() || !state.path("_data_files").isArray()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s was not written by prep: it lacks its settings; run prep into a new directory",
                origin));
      }
      List<DataFile> files = new ArrayList<>();
      Set<String> names = new HashSet<>();
      long rows = 0;
      for (JsonNode entry : state.get("_data_files")) {
        DataFile file = file(entry);
        if (!names.add(file.filename())) {
          throw new InvalidInputException(origin + " names " + file.filename() + " twice");
        }
        files.add(file);
        rows += file.rows();
      }
      if (count(uio, "sequences", 0) != rows) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: sequences is %s, the files have %d rows",
                origin,
                uio.get("sequences"),
                rows));
      }
      List<Ledger> ledgers = new ArrayList<>();
      uio.path("ledgers").forEach(entry -> ledgers.add(ledger(entry)));
      return new DataSetDescription(
          uri,
          text(state, "_fingerprint"),
          recipe(uio),
          rows,
          whole(uio, "tokens"),
          List.copyOf(files),
          List.copyOf(ledgers));
    }

    private Recipe recipe(JsonNode uio) {
      return new Recipe(
          objective(uio),
          new Cutting(
              (int) count(uio, "segment_length", 1),
              (int) count(uio, "max_segments", 1),
              (int) count(uio, "min_segments", 1),
              (int) count(uio, "eos_token_id", 0)),
          new TokenizerIdentity(known(uio, TOKENIZER), known(uio, TOKENIZER_FINGERPRINT)),
          (int) count(uio, "vocabulary_size", 1),
          known(uio, TEMPLATE));
    }

    /** Language modelling where it is not named: the first data sets knew no other. */
    private Objective objective(JsonNode uio) {
      if (!uio.has(OBJECTIVE)) {
        return Objective.LM;
      }
      String name = text(uio, OBJECTIVE);
      return Objective.named(name)
          .orElseThrow(
              () ->
                  new InvalidInputException(
                      String.format(
                          Locale.ROOT,
                          "%s: objective %s is not known: one of %s",
                          origin,
                          name,
                          String.join(", ", Objective.NAMES))));
    }

    private DataFile file(JsonNode entry) {
      String name = FileName.of(origin, entry.path("filename"));
      long rows = whole(entry, "rows");
      long bytes = whole(entry, "bytes");
      // Memory is taken for each row: no more of them than the file can hold.
      if (rows > bytes / MIN_ROW_BYTES) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: %d rows cannot lie in the %d bytes of %s",
                origin,
                rows,
                bytes,
                name));
      }
      return new DataFile(name, rows, bytes, text(entry, "sha256"), known(entry, FOOTER));
    }

    private Ledger ledger(JsonNode entry) {
      return new Ledger(FileName.of(origin, entry.path("filename")), text(entry, "sha256"));
    }

    private long whole(JsonNode node, String key) {
      JsonNode value = node.path(key);
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s: %s is %s, not a count", origin, key, value));
      }
      return value.longValue();
    }

    private long count(JsonNode node, String key, int least) {
      long value = whole(node, key);
      if (value < least || value > Integer.MAX_VALUE) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s: %s %d is out of range: %d to %d",
                origin,
                key,
                value,
                least,
                Integer.MAX_VALUE));
      }
      return value;
    }

    /** Empty where it is not there: earlier versions wrote less. */
    private String known(JsonNode node, String key) {
      return node.has(key) ? text(node, key) : "";
    }

    private String text(JsonNode node, String key) {
      if (!node.path(key).isTextual()) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "%s has no text %s", origin, key));
      }
      return node.get(key).textValue();
    }
  }

  /**
   * The content that it gets.
   *
   * @param sparkVersion for the provenance
   */
  public static ObjectNode json(DataSetDescription set, String sparkVersion) {
    ObjectNode state = JSON.createObjectNode();
    ArrayNode files = state.putArray("_data_files");
    for (DataFile file : set.files()) {
      files
          .addObject()
          .put("filename", file.filename())
          .put("rows", file.rows())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256())
          .put(FOOTER, file.footerSha256());
    }
    state.put("_fingerprint", set.fingerprint());
    state.putNull("_format_columns");
    state.putObject("_format_kwargs");
    state.putNull("_format_type");
    state.put("_output_all_columns", false);
    state.putNull("_split");
    ObjectNode uio = state.putObject("uio");
    put(uio, set.recipe());
    uio.put("sequences", set.sequences()).put("tokens", set.tokens());
    ArrayNode ledgers = uio.putArray("ledgers");
    for (Ledger ledger : set.ledgers()) {
      ledgers.addObject().put("filename", ledger.filename()).put("sha256", ledger.sha256());
    }
    String version = DataSetState.class.getPackage().getImplementationVersion();
    uio.putObject("versions")
        .put("uio-spark", version == null ? "unpackaged" : version)
        .put("spark", sparkVersion);
    return state;
  }

  private static void put(ObjectNode uio, Recipe recipe) {
    Cutting cutting = recipe.cutting();
    uio.put(OBJECTIVE, recipe.objective().key())
        .put("segment_length", cutting.segmentLength())
        .put("max_segments", cutting.maxSegments())
        .put("min_segments", cutting.minSegments())
        .put(TOKENIZER, recipe.tokenizer().sha256())
        .put(TOKENIZER_FINGERPRINT, recipe.tokenizer().fingerprint())
        .put(TEMPLATE, recipe.chatTemplateSha256())
        .put("eos_token_id", cutting.eosTokenId())
        .put("vocabulary_size", recipe.vocabularySize());
  }

  /** Makes a state that {@link #json} gave the one of the data set. */
  public static void replace(FileSystem files, Path root, JsonNode state) throws IOException {
    ObjectNode info = JSON.createObjectNode();
    info.put("citation", "").put("description", "").put("homepage", "").put("license", "");
    boolean sft = state.path("uio").path(OBJECTIVE).asText().equals(Objective.SFT.key());
    info.set("features", JSON.readTree(ArrowSequenceWriter.features(sft)));
    AtomicWrite.replace(files, new Path(root, "dataset_info.json"), bytes(info));
    // Readers go by this file alone: before this step they see the old data set, after it the new.
    AtomicWrite.replace(files, new Path(root, FILE), bytes(state));
  }

  private static byte[] bytes(JsonNode content) throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(content);
  }
}
