package org.uiospark.data.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobFilter;
import org.uiospark.model.input.InvalidInputException;

/**
 * Names of files that this JVM cannot hold. A name on the disk is bytes; the JVM reads them by the
 * locale it was started in, and what that lacks becomes another name, of no file or of a wrong one.
 */
public final class LocalNames {
  private static final String ENCODING = System.getProperty("sun.jnu.encoding", "");

  private LocalNames() {}

  /** Refuses a path with letters that were lost, or a local one that cannot be written. */
  static void check(org.apache.hadoop.fs.Path path) {
    String name = path.toUri().getPath();
    String scheme = path.toUri().getScheme();
    if (!isText(name) || (scheme == null || scheme.equals("file")) && !canBeWritten(name)) {
      throw cannotBeNamed(path.toString());
    }
  }

  /** Refuses a name in which letters became question marks on their way from the command line. */
  static void checkWhole(String name) {
    if (!isUtf8() && name.indexOf('?') >= 0) {
      throw cannotBeNamed(name);
    }
  }

  /** Whether every character is whole and none stands for one that was lost. */
  private static boolean isText(String name) {
    return name.indexOf('\uFFFD') < 0
        && name.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= 0xDFFF);
  }

  private static boolean canBeWritten(String name) {
    try {
      Path.of(name);
      return true;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isUtf8() {
    return ENCODING.equalsIgnoreCase("UTF-8");
  }

  /**
   * The names in a local folder, sorted.
   *
   * @throws InvalidInputException naming one that cannot be held, unless it is hidden
   */
  public static List<String> in(Path folder) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!isHeld(entry.getFileName()) && !name.startsWith(".") && !name.startsWith("_")) {
          throw cannotBeNamed(folder + "/" + name);
        }
        names.add(name);
      }
    }
    Collections.sort(names);
    return names;
  }

  /** Whether the string of a name holds it: a path keeps the bytes that it was made of. */
  private static boolean isHeld(Path name) {
    return canBeWritten(name.toString()) && Path.of(name.toString()).equals(name);
  }

  /** Refuses names that a glob of local files would match if they could be held. */
  public static void checkGlob(FileSystem files, org.apache.hadoop.fs.Path pattern)
      throws IOException {
    org.apache.hadoop.fs.Path parent = pattern.getParent();
    if (parent == null || !files.getUri().getScheme().equals("file")) {
      return;
    }
    checkGlob(files, parent);
    FileStatus[] folders = files.globStatus(parent);
    GlobFilter filter = new GlobFilter(pattern.getName());
    for (FileStatus folder : folders == null ? new FileStatus[0] : folders) {
      if (folder.isDirectory()) {
        checkMatches(Path.of(folder.getPath().toUri().getPath()), filter);
      }
    }
  }

  private static void checkMatches(Path folder, GlobFilter filter) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        Path name = entry.getFileName();
        if (!isHeld(name) && filter.accept(asShown(name))) {
          throw cannotBeNamed(entry.toString());
        }
      }
    }
  }

  private static org.apache.hadoop.fs.Path asShown(Path name) {
    return new org.apache.hadoop.fs.Path(null, null, name.toString());
  }

  /** The refusal of such a name. */
  static InvalidInputException cannotBeNamed(String name) {
    return new InvalidInputException(
        isUtf8()
            ? String.format(
                Locale.ROOT, "the name '%s' is not UTF-8, so it cannot be opened; rename it", name)
            : String.format(
                Locale.ROOT,
                "the name '%s' cannot be held in the locale of this process (%s); set LC_ALL=C.UTF-8 and run again",
                name,
                ENCODING));
  }
}
