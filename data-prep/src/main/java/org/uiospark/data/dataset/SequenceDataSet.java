package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.segment.TokenSequence;

/**
 * The sequences of a committed data set, in any order and from many threads. Local files are
 * mapped; others are first copied once to a folder of this JVM, each when it is first needed.
 */
public final class SequenceDataSet {
  private static final ConcurrentHashMap<DataSetDescription, SequenceDataSet> SHARED =
      new ConcurrentHashMap<>();

  private final DataSetDescription description;
  private final Configuration configuration;
  private final long[] firstRows;
  private final Map<Integer, java.nio.file.Path> fetched = new HashMap<>();
  private final Map<Integer, SequenceFile> opened = new HashMap<>();
  private java.nio.file.Path copies;

  private SequenceDataSet(DataSetDescription description, Configuration configuration) {
    this.description = description;
    this.configuration = configuration;
    List<DataFile> files = description.files();
    firstRows = new long[files.size() + 1];
    for (int i = 0; i < files.size(); i++) {
      firstRows[i + 1] = firstRows[i] + files.get(i).rows();
    }
  }

  /**
   * Opens a committed data set and checks that its files are whole.
   *
   * @throws InvalidInputException if there is no {@code state.json} or a file is missing or short
   */
  public static SequenceDataSet open(String uri, Configuration configuration) {
    try {
      DataSetDescription description = DataSetState.read(uri, configuration);
      for (DataFile file : description.files()) {
        checkSize(new Path(InputFile.path(uri), file.filename()), file, configuration);
      }
      return new SequenceDataSet(description, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one of this JVM for what the data set is now: opened by the first call. */
  public static SequenceDataSet shared(String uri, Map<String, String> hadoop) {
    SequenceDataSet fresh = open(uri, HadoopSettings.configuration(hadoop));
    return SHARED.computeIfAbsent(fresh.description, key -> fresh);
  }

  /** The one of this JVM for a description that the driver read: no look at its state again. */
  public static SequenceDataSet shared(DataSetDescription description, Map<String, String> hadoop) {
    return SHARED.computeIfAbsent(
        description, key -> new SequenceDataSet(key, HadoopSettings.configuration(hadoop)));
  }

  private static void checkSize(Path path, DataFile file, Configuration configuration)
      throws IOException {
    FileSystem system = path.getFileSystem(configuration);
    if (!system.exists(path) || !system.getFileStatus(path).isFile()) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s is missing; run prep again", path));
    }
    long bytes = system.getFileStatus(path).getLen();
    if (bytes != file.bytes()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes instead of %d; run prep again",
              path,
              bytes,
              file.bytes()));
    }
  }

  /** What {@code state.json} says; serializable. */
  public DataSetDescription description() {
    return description;
  }

  /** Number of sequences. */
  public long size() {
    return description.sequences();
  }

  /** Changes whenever the sequences do. */
  public String fingerprint() {
    return description.fingerprint();
  }

  /** Tokens a segment. */
  public int segmentLength() {
    return description.recipe().cutting().segmentLength();
  }

  /** Pieces of the tokenizer. */
  public int vocabularySize() {
    return description.recipe().vocabularySize();
  }

  /**
   * Has the file of a sequence on this machine, whole: what prep wrote, or nothing.
   *
   * @throws InvalidInputException if it is missing, or not what {@code state.json} says
   */
  public void fetch(long index) {
    fetched(file(index));
  }

  /**
   * The sequence of an index from 0 to {@link #size()} - 1.
   *
   * @throws InvalidInputException as {@link #fetch} does, or if prep did not write the file
   */
  public TokenSequence sequence(long index) {
    int file = file(index);
    return opened(file).sequence(index - firstRows[file]);
  }

  private int file(long index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException("sequence " + index + " of " + size());
    }
    int at = Arrays.binarySearch(firstRows, index);
    int file = at < 0 ? -at - 2 : at;
    // Files without rows begin where the next one does.
    while (firstRows[file + 1] <= index) {
      file++;
    }
    return file;
  }

  private synchronized java.nio.file.Path fetched(int index) {
    java.nio.file.Path file = fetched.get(index);
    if (file == null) {
      try {
        file = whole(description.files().get(index));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      fetched.put(index, file);
    }
    return file;
  }

  private synchronized SequenceFile opened(int index) {
    SequenceFile file = opened.get(index);
    if (file == null) {
      try {
        file = open(fetched(index), description.files().get(index));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      opened.put(index, file);
    }
    return file;
  }

  /** A file is read once whole before it is used. */
  private java.nio.file.Path whole(DataFile file) throws IOException {
    java.nio.file.Path local = local(file);
    String sha256;
    try (InputStream in = Files.newInputStream(local)) {
      sha256 = Sha256.hex(in);
    }
    if (!sha256.equals(file.sha256())) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s of data set %s is damaged: its SHA-256 is not that of state.json; run prep again",
              file.filename(),
              description.uri()));
    }
    return local;
  }

  private SequenceFile open(java.nio.file.Path local, DataFile file) throws IOException {
    SequenceFile sequences = new SequenceFile(local);
    if (sequences.rows() != file.rows()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s of data set %s has %d rows, state.json says %d; run prep again",
              file.filename(),
              description.uri(),
              sequences.rows(),
              file.rows()));
    }
    return sequences;
  }

  private java.nio.file.Path local(DataFile file) throws IOException {
    Path path = new Path(InputFile.path(description.uri()), file.filename());
    FileSystem system = path.getFileSystem(configuration);
    checkSize(path, file, configuration);
    if ("file".equals(system.getScheme())) {
      return java.nio.file.Path.of(path.toUri().getPath()).toAbsolutePath();
    }
    if (copies == null) {
      copies = Files.createTempDirectory("uio-data-");
      copies.toFile().deleteOnExit();
    }
    java.nio.file.Path copy = copies.resolve(file.filename());
    copy.toFile().deleteOnExit();
    try (var in = system.open(path)) {
      // A copy that failed may be there.
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.size(copy) != file.bytes()) {
      throw new IOException(path + " changed while it was copied");
    }
    return copy;
  }
}
