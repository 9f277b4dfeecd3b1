package org.uiospark.data.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * A data file, looked at when it is first needed. A local one is read once whole and mapped; of
 * another the footer comes, and then what is asked for. Who waits for it waits for no other file.
 */
final class DataFileReader {
  private static final Logger LOG = LoggerFactory.getLogger(DataFileReader.class);

  private final DataFile file;
  private final String uri;
  private final Configuration configuration;
  private final BlockCache cache;

  private SequenceFile opened;

  /**
   * @param uri directory of the data set
   * @param cache of the parts of files on other machines
   */
  DataFileReader(DataFile file, String uri, Configuration configuration, BlockCache cache) {
    this.file = file;
    this.uri = uri;
    this.configuration = configuration;
    this.cache = cache;
  }

  /**
   * Its sequences; the first call finds it to be the file that prep wrote.
   *
   * @throws InvalidInputException if it is missing, not what {@code state.json} says, or not of
   *     prep
   */
  synchronized SequenceFile opened() throws IOException {
    if (opened == null) {
      Path path = new Path(InputFile.path(uri), file.filename());
      FileSystem system = path.getFileSystem(configuration);
      if ("file".equals(system.getScheme())) {
        check(path, system);
        opened = mapped(java.nio.file.Path.of(path.toUri().getPath()).toAbsolutePath());
      } else if (file.footerSha256().isEmpty()) {
        check(path, system);
        opened = copied(path, system);
      } else {
        opened =
            new RangedSequences(new VerifiedBlocks(path, file, configuration, cache), file.rows());
      }
    }
    return opened;
  }

  private void check(Path path, FileSystem system) throws IOException {
    file.check(path, DataSetState.status(system, path).orElse(null));
  }

  /** Versions before this one wrote no sums of parts. */
  private SequenceFile copied(Path path, FileSystem system) throws IOException {
    LOG.warn(
        "{} was prepared by an earlier version and is copied to this machine whole; prepared again, it is read in parts",
        path);
    java.nio.file.Path copy = Files.createTempFile("uio-data-", ".arrow");
    copy.toFile().deleteOnExit();
    try (InputStream in = system.open(path)) {
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      if (Files.size(copy) != file.bytes()) {
        throw new IOException(path + " changed while it was copied");
      }
      return mapped(copy);
    } catch (IOException | RuntimeException e) {
      Files.delete(copy);
      throw e;
    }
  }

  /** Reads it once whole before it is used. */
  private SequenceFile mapped(java.nio.file.Path local) throws IOException {
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
              uri));
    }
    SequenceFile sequences = new MappedSequences(local);
    if (sequences.rows() != file.rows()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s of data set %s has %d rows, state.json says %d; run prep again",
              file.filename(),
              uri,
              sequences.rows(),
              file.rows()));
    }
    return sequences;
  }
}
