package org.uiospark.jobs.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.uiospark.model.InvalidInputException;

/**
 * A directory on any Hadoop file system.
 *
 * @param fs the file system
 * @param root the directory, which need not exist
 */
public record OutputFolder(FileSystem fs, Path root) {
  /** Where a rename is one step; object stores show a file only once it is closed. */
  private static final Set<String> ATOMIC_RENAME = Set.of("file", "hdfs", "viewfs");

  /**
   * The directory of a URI; without a scheme it lies on the default file system.
   *
   * @throws InvalidInputException if no file system serves the URI
   */
  public static OutputFolder of(String uri, Configuration configuration) {
    try {
      Path path = new Path(uri);
      FileSystem fs = path.getFileSystem(configuration);
      // The checksum files of the local one are of no use beside a manifest, and bar appending.
      FileSystem plain = fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
      return new OutputFolder(plain, plain.makeQualified(path));
    } catch (IllegalArgumentException | IOException e) {
      throw new InvalidInputException(
          "'%s' cannot be opened: %s".formatted(uri, e.getMessage()), e);
    }
  }

  /** A folder or file below. */
  public OutputFolder child(String name) {
    return new OutputFolder(fs, new Path(root, name));
  }

  /** A file below. */
  public Path file(String name) {
    return new Path(root, name);
  }

  /**
   * Creates the directory with its parents.
   *
   * @throws InvalidInputException if it cannot be
   */
  public void create() {
    try {
      if (!fs.mkdirs(root)) {
        throw new InvalidInputException(root + " cannot be created; name another output");
      }
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s cannot be created: %s".formatted(root, e.getMessage()), e);
    }
  }

  /** Whether a file or folder of that name is there. */
  public boolean has(String name) {
    try {
      return fs.exists(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of a small file. */
  public byte[] read(String name) throws IOException {
    try (InputStream in = fs.open(file(name))) {
      return in.readAllBytes();
    }
  }

  /** Writes a small file so that the name stands for the old content or the new, never for half. */
  public void replace(String name, byte[] content) throws IOException {
    if (!ATOMIC_RENAME.contains(fs.getUri().getScheme())) {
      write(file(name), content);
      return;
    }
    Path partial = file("." + name + ".partial");
    write(partial, content);
    FileContext.getFileContext(fs.getUri(), fs.getConf())
        .rename(partial, file(name), Options.Rename.OVERWRITE);
  }

  private void write(Path file, byte[] content) throws IOException {
    try (FSDataOutputStream out = fs.create(file, true)) {
      out.write(content);
      sync(out);
    }
  }

  /** Brings what was written to the disk, where the file system knows how. */
  static void sync(FSDataOutputStream out) throws IOException {
    if (out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }
}
