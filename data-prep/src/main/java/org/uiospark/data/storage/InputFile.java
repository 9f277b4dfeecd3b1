package org.uiospark.data.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * A small file that the user names.
 *
 * @param name path on this machine, or URI of any file system that Hadoop reads
 * @param configuration of the file systems
 */
public record InputFile(String name, Configuration configuration) {
  private static final Pattern URI = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:/.*");

  /** Whether a name has a scheme, as {@code s3a://bucket/file}; else it is a path. */
  public static boolean isUri(String name) {
    return URI.matcher(name).matches();
  }

  /** A file in the same folder. */
  public InputFile sibling(String other) {
    return isUri(name)
        ? new InputFile(name.substring(0, name.lastIndexOf('/') + 1) + other, configuration)
        : new InputFile(local().resolveSibling(other).toString(), configuration);
  }

  /** Whether it is there, and a file. */
  public boolean exists() {
    if (!isUri(name)) {
      return Files.isRegularFile(local());
    }
    try {
      return files().getFileStatus(path()).isFile();
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be looked up", e);
    }
  }

  /** What is wrong with a name under which no file {@link #exists}. */
  public String absence() {
    boolean directory;
    try {
      directory = isUri(name) ? files().exists(path()) : Files.isDirectory(local());
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be looked up", e);
    }
    return directory ? "is a directory" : "does not exist";
  }

  /**
   * What it holds.
   *
   * @throws InvalidInputException if it is not there, no regular file, or over 512 MiB
   */
  public byte[] bytes() {
    if (!isUri(name)) {
      return InputJson.bytes(local());
    }
    try (InputStream in = files().open(path())) {
      return InputJson.bytes(name, in);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(name + " does not exist", e);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read", e);
    }
  }

  private java.nio.file.Path local() {
    return java.nio.file.Path.of(name);
  }

  private FileSystem files() throws IOException {
    return path().getFileSystem(configuration);
  }

  private Path path() {
    return path(name);
  }

  /**
   * A name that the user gave, as Hadoop takes it. A URI may have escapes, as {@code %20}; a path
   * has none.
   *
   * @throws InvalidInputException if it is neither, or has letters that this system cannot name
   */
  public static Path path(String name) {
    String literal = isUri(name) ? unescaped(name) : name;
    Path path;
    try {
      path = new Path(literal);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "'%s' is neither a URI nor a path: %s; write a path with a colon in full, from / on",
              name,
              e.getMessage()),
          e);
    }
    LocalNames.check(path);
    return path;
  }

  /**
   * As {@link #path}, for what is to be written: a file of another name than the user's would be no
   * use.
   */
  public static Path outputPath(String name) {
    LocalNames.checkWhole(name);
    return path(name);
  }

  /** The name from which {@link #path} makes a path again. */
  public static String name(Path path) {
    return isUri(path.toString()) ? path.toString().replace("%", "%25") : path.toString();
  }

  private static String unescaped(String uri) {
    try {
      // In a path, unlike in a form, a plus is a plus.
      return URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // A percent sign that begins no escape is one.
      return uri;
    }
  }
}
