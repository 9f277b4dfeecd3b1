package org.uiospark.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.model.InvalidInputException;

/** Finds the input files and cuts them into slices, in the order of their paths. */
final class InputListing {
  private static final List<String> EXTENSIONS = List.of(".txt", ".jsonl", ".txt.gz", ".jsonl.gz");

  private final Configuration configuration;
  private final Path output;
  private final TreeMap<String, Long> files = new TreeMap<>();

  private InputListing(Path output, Configuration configuration) throws IOException {
    this.configuration = configuration;
    this.output = output.getFileSystem(configuration).makeQualified(output);
  }

  static List<Slice> slices(PrepSettings settings, Configuration configuration) throws IOException {
    InputListing listing = new InputListing(new Path(settings.output()), configuration);
    for (String input : settings.inputs()) {
      listing.add(input);
    }
    List<Slice> slices = new ArrayList<>();
    listing.files.forEach((path, length) -> cut(path, length, settings.shardBytes(), slices));
    return slices;
  }

  private static void cut(String path, long length, long sliceBytes, List<Slice> slices) {
    Slice whole = new Slice(path, new Path(path).getName(), 0, length, 0);
    if (!whole.splittable() || length <= sliceBytes) {
      slices.add(whole);
      return;
    }
    for (long start = 0; start < length; start += sliceBytes) {
      slices.add(new Slice(path, whole.name(), start, Math.min(length, start + sliceBytes), 0));
    }
  }

  private void add(String input) throws IOException {
    Path pattern = InputFile.path(input);
    FileSystem files = pattern.getFileSystem(configuration);
    // A file whose own name holds a glob character is that file.
    FileStatus[] matches =
        files.exists(pattern)
            ? new FileStatus[] {files.getFileStatus(pattern)}
            : glob(files, pattern);
    if (matches == null || matches.length == 0) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "input %s matches no file; check the path", input));
    }
    int before = this.files.size();
    for (FileStatus match : matches) {
      if (match.isDirectory()) {
        addInside(files, match.getPath());
      } else if (isSupported(match)) {
        addSupported(match);
      } else if (matches.length == 1) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "input %s is of no supported kind; use %s",
                match.getPath(),
                String.join(", ", EXTENSIONS)));
      }
    }
    if (this.files.size() == before && !containsAny(matches)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "input %s holds no %s file", input, String.join(", ", EXTENSIONS)));
    }
  }

  private static FileStatus[] glob(FileSystem files, Path pattern) throws IOException {
    try {
      return files.globStatus(pattern);
    } catch (IOException e) {
      // Hadoop has no exception of its own for it.
      if (String.valueOf(e.getMessage()).startsWith("Illegal file pattern")) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "input %s is neither a file nor a glob: %s; close its brackets",
                pattern,
                e.getMessage()),
            e);
      }
      throw e;
    }
  }

  /**
   * All but the data set itself, whose lists of documents look like text. Hadoop's own walk asks
   * for the owner of each file, in a process of its own where local.
   */
  private void addInside(FileSystem files, Path directory) throws IOException {
    for (FileStatus inside : files.listStatus(directory)) {
      if (!inside.isDirectory()) {
        addSupported(inside);
      } else if (!inside.getPath().equals(output)) {
        addInside(files, inside.getPath());
      }
    }
  }

  private boolean containsAny(FileStatus[] matches) {
    for (FileStatus match : matches) {
      String path = match.getPath().toString();
      String inside = path + "/";
      String first = files.ceilingKey(inside);
      if (files.containsKey(path) || (first != null && first.startsWith(inside))) {
        return true;
      }
    }
    return false;
  }

  private void addSupported(FileStatus file) {
    String name = file.getPath().getName();
    boolean hidden = name.startsWith(".") || name.startsWith("_");
    if (!hidden && isSupported(file)) {
      files.put(file.getPath().toString(), file.getLen());
    }
  }

  private static boolean isSupported(FileStatus file) {
    return EXTENSIONS.stream().anyMatch(file.getPath().getName()::endsWith);
  }
}
