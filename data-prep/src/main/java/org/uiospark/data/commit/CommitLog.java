package org.uiospark.data.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.net.NetUtils;
import org.uiospark.data.dataset.DataSetDescription;
import org.uiospark.data.dataset.DataSetState;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * How the files of a run become part of a data set, whatever dies and however many runs overlap.
 *
 * <p>A data set has a generation: the number of runs that added to it. To make the next, a run
 * writes one file, {@code _commit-GENERATION.json}, which holds the names that its files shall get
 * and the state that follows. Only one run can create it; it is never changed or deleted. Then the
 * files are renamed and {@code state.json} is replaced. Any run finishes what it finds begun, as
 * often as it likes: each of these steps leaves alone what is done already.
 */
public final class CommitLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String uri;
  private final Configuration configuration;
  private final Path root;
  private final FileSystem files;

  /**
   * A file on its way into the data set.
   *
   * @param source in the folder of the run
   * @param name in the data set
   * @param sha256 of its content, in hexadecimal digits
   */
  public record Move(String source, String name, String sha256) implements Serializable {}

  /**
   * The log of a data set.
   *
   * @param uri directory of the data set, which need not exist
   */
  public CommitLog(String uri, Configuration configuration) throws IOException {
    this.uri = uri;
    this.configuration = configuration;
    this.root = InputFile.outputPath(uri);
    this.files = AtomicWrite.fileSystem(root, configuration);
  }

  /** Who committed the generation that follows a state. */
  public String owner(DataSetDescription before) throws IOException {
    return read(path(before.ledgers().size())).path("owner").asText();
  }

  /**
   * Decides that the next generation is this one. The commit point: before it the data set is what
   * it was, after it the new one.
   *
   * @param addition the files of this run, and the state before them
   * @param state of the data set with these files, as {@code state.json} gets it
   * @param work name of the folder with the files
   * @return false if another run made the next generation; then nothing changed
   */
  public boolean claim(Addition addition, ObjectNode state, String work) throws IOException {
    ObjectNode commit = JSON.createObjectNode();
    commit
        .put(
            "owner",
            "process " + ProcessHandle.current().pid() + " on " + NetUtils.getLocalHostname())
        .put("time", Instant.now().toString())
        .put("work", work);
    ArrayNode list = commit.putArray("files");
    for (Move move : addition.moves()) {
      list.addObject()
          .put("source", move.source())
          .put("name", move.name())
          .put("sha256", move.sha256());
    }
    commit.set("state", state);
    return AtomicWrite.create(
        files,
        path(addition.before().ledgers().size()),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(commit));
  }

  /** Finishes the commits that are decided and not yet in {@code state.json}. */
  public void rollForward() throws IOException {
    int generation = generation();
    // A run that was slow may have put an older state over a newer one: go on to the newest.
    while (files.exists(path(generation))) {
      apply(read(path(generation)));
      int next = generation();
      if (next <= generation) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "%s does not lead on from generation %d; run prep into a new directory",
                path(generation),
                generation));
      }
      generation = next;
    }
  }

  private int generation() throws IOException {
    return DataSetState.exists(uri, configuration)
        ? DataSetState.read(uri, configuration).ledgers().size()
        : 0;
  }

  private Path path(int generation) {
    return new Path(root, String.format(Locale.ROOT, "_commit-%05d.json", generation));
  }

  private JsonNode read(Path path) throws IOException {
    JsonNode commit;
    try (InputStream in = files.open(path)) {
      commit = InputJson.object(path.toString(), InputJson.bytes(path.toString(), in));
    }
    if (!commit.path("state").isObject() || !commit.path("files").isArray()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s was not written by prep; run prep into a new directory", path));
    }
    return commit;
  }

  private void apply(JsonNode commit) throws IOException {
    Path work = inside(commit.path("work").asText());
    List<Placement.Step> steps = new ArrayList<>();
    for (JsonNode file : commit.get("files")) {
      Path source = new Path(work, inside(file.path("source").asText()).getName());
      steps.add(
          new Placement.Step(
              source, inside(file.path("name").asText()), file.path("sha256").asText()));
    }
    new Placement(files).place(steps);
    DataSetState.replace(files, root, commit.get("state"));
    files.delete(work, true);
  }

  /** The path of a name in the data set; refuses a path that leads elsewhere. */
  private Path inside(String name) {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*")) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has a commit with the file name '%s'; run prep into a new directory",
              uri,
              name));
    }
    return new Path(root, name);
  }
}
