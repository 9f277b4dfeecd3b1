package org.uiospark.data.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InvalidInputException;

/**
 * A directory on any Hadoop file system.
 *
 * @param fs the file system
 * @param root the directory, which need not exist
 */
public record OutputFolder(FileSystem fs, Path root) {
  /**
   * The directory of a URI; without a scheme it lies on the default file system.
   *
   * @throws InvalidInputException if no file system serves the URI
   */
  public static OutputFolder of(String uri, Configuration configuration) {
    try {
      Path path = InputFile.outputPath(uri);
      // The checksum files of the local one are of no use beside a manifest, and bar appending.
      FileSystem plain = AtomicWrite.fileSystem(path, configuration);
      return new OutputFolder(plain, plain.makeQualified(path));
    } catch (IllegalArgumentException | IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "'%s' cannot be opened: %s; write a path with a colon in full, from / on",
              uri,
              e.getMessage()),
          e);
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
   * Makes sure, where that can be seen without writing, that files can be written to the directory:
   * better now than after hours of work.
   *
   * @throws InvalidInputException if it is a file, read-only, or out of reach
   */
  public void requireWritable() {
    if (!fs.getUri().getScheme().equals("file")) {
      return;
    }
    java.nio.file.Path place = java.nio.file.Path.of(root.toUri().getPath());
    while (!Files.exists(place) && place.getParent() != null) {
      place = place.getParent();
    }
    if (!Files.isDirectory(place)) {
      throw new InvalidInputException(
          root + " cannot be written: " + place + " is a file; name another output");
    }
    if (!Files.isWritable(place)) {
      throw new InvalidInputException(
          root + " cannot be written: " + place + " is read-only for you; name another output");
    }
  }

  /**
   * Creates the directory with its parents.
   *
   * @throws InvalidInputException if it cannot be
   */
  public void create() {
    requireWritable();
    try {
      AtomicWrite.mkdirs(fs, root);
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "%s cannot be created: %s; name another output", root, e.getMessage()),
          e);
    }
  }

  /** Whether it is there. */
  public boolean exists() throws IOException {
    return fs.exists(root);
  }

  /** Whether a file or folder of that name is there. */
  public boolean has(String name) {
    try {
      return fs.exists(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether what is there under that name is a plain file: a local pipe would be read for ever.
   *
   * @throws FileNotFoundException if nothing is
   */
  public boolean isFile(String name) throws IOException {
    Path file = file(name);
    boolean local = fs.getUri().getScheme().equals("file");
    return fs.getFileStatus(file).isFile()
        && (!local || Files.isRegularFile(java.nio.file.Path.of(file.toUri().getPath())));
  }

  /**
   * Opens a file for reading.
   *
   * @throws FileNotFoundException if there is none
   * @throws InvalidInputException if it is a folder, a pipe or the like
   */
  public InputStream open(String name) throws IOException {
    if (!isFile(name)) {
      throw new InvalidInputException(file(name) + " is no file; move it elsewhere");
    }
    return fs.open(file(name));
  }

  /** The bytes of a small file; throws as {@link #open} does. */
  public byte[] read(String name) throws IOException {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    }
  }

  /** Writes a small file so that the name stands for the old content or the new, never for half. */
  public void replace(String name, byte[] content) throws IOException {
    AtomicWrite.replace(fs, file(name), content);
  }

  /**
   * Writes a small file that is not there; where the file system can tell, only one run does.
   *
   * @return false if a file of that name is there, written by another run
   */
  public boolean create(String name, byte[] content) throws IOException {
    return AtomicWrite.create(fs, file(name), content);
  }

  /** Deletes a file; does nothing where there is none. */
  public void delete(String name) throws IOException {
    fs.delete(file(name), false);
  }

  /**
   * Deletes the directory unless something lies in it.
   *
   * @return whether it is gone
   */
  public boolean deleteIfEmpty() throws IOException {
    try {
      return fs.listStatus(root).length == 0 && fs.delete(root, false);
    } catch (FileNotFoundException e) {
      // An object store has no folders.
      return true;
    }
  }
}
