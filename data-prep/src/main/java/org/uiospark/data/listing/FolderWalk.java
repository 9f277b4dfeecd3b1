package org.uiospark.data.listing;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.source.SourceKind;
import org.uiospark.data.storage.LocalNames;
import org.uiospark.model.input.InvalidInputException;

/**
 * Walks folders for input files, each real one once: links come last, and lead only to what was not
 * met yet. Everything else is counted.
 *
 * <p>Hadoop's own walk leaves out, without a word, local names that this JVM cannot hold and links
 * that lead nowhere, and asks for the owner of each file in a process of its own.
 */
final class FolderWalk {
  private static final String HIDDEN = "hidden";
  private static final String DATA_SET = "data set";
  private static final String READ_ALREADY = "link to what is read";
  private static final String NOWHERE = "link that leads nowhere";

  private static final String DESCRIPTION = "description of a data set";
  private static final String BESIDE = "beside a saved data set";

  private final Set<String> met = new HashSet<>();
  private final TreeMap<String, Long> files = new TreeMap<>();
  private final TreeMap<String, Long> notRead = new TreeMap<>();
  private final ArrayDeque<Link> links = new ArrayDeque<>();
  private final List<Path> mixed = new ArrayList<>();
  private long found;

  private record Link(FileSystem files, Path path) {}

  /**
   * @param output the data set itself, whose lists of documents look like text
   */
  FolderWalk(Path output, Configuration configuration) throws IOException {
    FileSystem system = output.getFileSystem(configuration);
    Path path = system.makeQualified(output);
    met.add(isLocal(system) && Files.exists(local(path)) ? real(system, path) : path.toString());
  }

  /** Lengths of the files, by path. */
  Map<String, Long> files() {
    return files;
  }

  /** What was passed over, by ending or reason. */
  Map<String, Long> notRead() {
    return notRead;
  }

  /** Files that can be read, however often they were met. */
  long found() {
    return found;
  }

  /** A line for each folder that seems to hold a part for training and one for testing. */
  List<String> mixed() {
    return mixed.stream().flatMap(folder -> Splits.together(folder, files).stream()).toList();
  }

  /** Adds what the user named, even if it is hidden or a link. */
  void addNamed(FileSystem system, FileStatus status) throws IOException {
    enter(system, status, real(system, status.getPath()));
  }

  /** Adds a file, or all that lies in a folder. */
  void add(FileSystem system, FileStatus status) throws IOException {
    Path path = status.getPath();
    if (isHidden(path)) {
      count(HIDDEN);
    } else if (isLocal(system) && Files.isSymbolicLink(local(path))) {
      links.add(new Link(system, path));
    } else {
      enter(system, status, real(system, path));
    }
  }

  /** Follows the links that were met. */
  void finish() throws IOException {
    while (!links.isEmpty()) {
      Link link = links.remove();
      if (!Files.exists(local(link.path()))) {
        count(NOWHERE);
        continue;
      }
      FileStatus target = status(link.files(), link.path());
      String real = real(link.files(), link.path());
      if (met.contains(real)) {
        count(READ_ALREADY);
        found += target.isFile() ? 1 : 0;
      } else {
        enter(link.files(), target, real);
      }
    }
  }

  private void enter(FileSystem system, FileStatus status, String real) throws IOException {
    Path path = status.getPath();
    if (status.isDirectory()) {
      if (met.add(real)) {
        inside(system, path, real);
      }
    } else if (SourceKind.of(path.getName()).isEmpty()) {
      count(SourceKind.ending(path.getName()));
    } else {
      found++;
      if (met.add(real)) {
        files.put(path.toString(), status.getLen());
      }
    }
  }

  private void inside(FileSystem system, Path folder, String real) throws IOException {
    if (!isLocal(system)) {
      FileStatus[] entries = system.listStatus(folder);
      List<String> names = new ArrayList<>();
      for (FileStatus entry : entries) {
        names.add(entry.getPath().getName());
      }
      Set<String> read = read(system, folder, names);
      for (FileStatus entry : entries) {
        if (read.contains(entry.getPath().getName())) {
          add(system, entry);
        }
      }
      return;
    }
    for (String name : read(system, folder, LocalNames.in(local(folder)))) {
      // The plain constructor would take what is before a colon for a scheme.
      Path path = new Path(folder, new Path(null, null, name));
      if (isHidden(path)) {
        count(HIDDEN);
      } else if (Files.isSymbolicLink(local(path))) {
        links.add(new Link(system, path));
      } else {
        enter(system, status(system, path), real + "/" + name);
      }
    }
  }

  /** Which of the names in a folder are looked at: in one that a program laid out, its data. */
  private Set<String> read(FileSystem system, Path folder, List<String> names) throws IOException {
    Splits.check(folder, names);
    if (SavedFolder.is(names)) {
      Optional<List<String>> data = SavedFolder.data(system, folder, names);
      if (data.isEmpty()) {
        count(DATA_SET);
        return Set.of();
      }
      Set<String> read = new LinkedHashSet<>(data.get());
      for (String name : names) {
        if (!read.contains(name)) {
          count(SavedFolder.describes(name) ? DESCRIPTION : BESIDE);
        }
      }
      return read;
    }
    if (Splits.mayBe(names)) {
      mixed.add(folder);
    }
    Set<String> read = new LinkedHashSet<>(names);
    for (String name : SavedFolder.DESCRIPTIONS) {
      if (read.remove(name)) {
        count(DESCRIPTION);
      }
    }
    return read;
  }

  private static FileStatus status(FileSystem system, Path path) throws IOException {
    try {
      return system.getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          path + " was listed and is gone; run again when nothing changes the input", e);
    }
  }

  private static String real(FileSystem system, Path path) throws IOException {
    return isLocal(system) ? local(path).toRealPath().toString() : path.toString();
  }

  private static boolean isHidden(Path path) {
    return path.getName().startsWith(".") || path.getName().startsWith("_");
  }

  private static boolean isLocal(FileSystem system) {
    return system.getUri().getScheme().equals("file");
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  private void count(String what) {
    notRead.merge(what, 1L, Long::sum);
  }
}
