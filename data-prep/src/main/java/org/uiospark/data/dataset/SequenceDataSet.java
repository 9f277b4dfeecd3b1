package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.storage.HadoopSettings;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.segment.TokenSequence;

/**
 * The sequences of a committed data set, in any order and from many threads. Local files are
 * mapped; of others only the parts that are needed come to this machine, and the last ones stay in
 * its memory.
 */
public final class SequenceDataSet {
  /** Bytes of parts of remote files; a JVM of a small heap keeps a sixteenth of it for them. */
  private static final long MOST_CACHED = 256L << 20;

  private static final BlockCache CACHE =
      new BlockCache(Math.min(MOST_CACHED, Runtime.getRuntime().maxMemory() / 16));

  private static final ConcurrentHashMap<DataSetDescription, SequenceDataSet> SHARED =
      new ConcurrentHashMap<>();

  private final DataSetDescription description;
  private final long[] firstRows;
  private final List<DataFileReader> readers;

  private SequenceDataSet(DataSetDescription description, Configuration configuration) {
    this.description = description;
    List<DataFile> files = description.files();
    firstRows = new long[files.size() + 1];
    for (int i = 0; i < files.size(); i++) {
      firstRows[i + 1] = firstRows[i] + files.get(i).rows();
    }
    readers =
        files.stream()
            .map(file -> new DataFileReader(file, description.uri(), configuration, CACHE))
            .toList();
  }

  /**
   * Opens a committed data set and checks, by one listing, that its files are there and as long as
   * they were written. What they hold is checked when it is first read.
   *
   * @throws InvalidInputException if there is no {@code state.json} or a file is missing or short
   */
  public static SequenceDataSet open(String uri, Configuration configuration) {
    try {
      DataSetDescription description = DataSetState.read(uri, configuration);
      if (!description.files().isEmpty()) {
        checkFiles(description, configuration);
      }
      return new SequenceDataSet(description, configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request a file would take minutes where there are thousands. */
  private static void checkFiles(DataSetDescription description, Configuration configuration)
      throws IOException {
    Path root = InputFile.path(description.uri());
    Map<String, FileStatus> there = new HashMap<>();
    RemoteIterator<FileStatus> listing = root.getFileSystem(configuration).listStatusIterator(root);
    while (listing.hasNext()) {
      FileStatus status = listing.next();
      there.put(status.getPath().getName(), status);
    }
    for (DataFile file : description.files()) {
      file.check(new Path(root, file.filename()), there.get(file.filename()));
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
   * The sequence of an index from 0 to {@link #size()} - 1.
   *
   * @throws InvalidInputException if its file is missing, or not what {@code state.json} says, or
   *     prep did not write what is read of it
   */
  public TokenSequence sequence(long index) {
    int file = file(index);
    try {
      return readers.get(file).opened().sequence(index - firstRows[file]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
}
