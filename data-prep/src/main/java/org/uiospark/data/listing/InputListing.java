package org.uiospark.data.listing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.source.Slice;
import org.uiospark.data.source.SourceKind;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.LocalNames;
import org.uiospark.model.input.InvalidInputException;

/** Finds the input files and cuts them into slices, in the order of their paths. */
public final class InputListing {
  private final Configuration configuration;
  private final FolderWalk walk;
  private final Set<String> named = new HashSet<>();

  /**
   * The input files.
   *
   * @param slices of all of them
   * @param shardBytes bytes of input that make one output file; no slice is longer that can be cut
   * @param count how many they are
   * @param named those that the user named one by one
   * @param notRead what was passed over, by ending or reason
   * @param mixed a line for each folder that seems to hold a part for training and one for testing
   */
  public record Files(
      List<Slice> slices,
      long shardBytes,
      long count,
      Set<String> named,
      Map<String, Long> notRead,
      List<String> mixed) {
    /**
     * Refuses a spoiled file that the user asked for; of a folder it is left out and counted.
     *
     * @param spoiled files by path
     */
    public void checkNamed(Map<String, SpoiledFile> spoiled) {
      spoiled.forEach(
          (path, each) -> {
            if (named.contains(path)) {
              throw new InvalidInputException(
                  String.format(Locale.ROOT, "%s is %s", path, each.reason()));
            }
          });
    }
  }

  private InputListing(PrepSettings settings, Configuration configuration) throws IOException {
    this.configuration = configuration;
    this.walk = new FolderWalk(InputFile.outputPath(settings.output()), configuration);
  }

  /**
   * Looks for the files of all inputs.
   *
   * @throws InvalidInputException if an input names no file, or one that prep does not read
   */
  public static Files of(PrepSettings settings, Configuration configuration) throws IOException {
    InputListing listing = new InputListing(settings, configuration);
    for (String input : settings.inputs()) {
      listing.add(input);
    }
    Map<String, Long> files = listing.walk.files();
    List<Slice> slices = new ArrayList<>();
    long shardBytes = settings.shardBytes(files.values().stream().mapToLong(n -> n).sum());
    files.forEach((path, length) -> cut(path, length, shardBytes, slices));
    return new Files(
        slices,
        shardBytes,
        files.size(),
        listing.named,
        new TreeMap<>(listing.walk.notRead()),
        listing.walk.mixed());
  }

  private static void cut(String path, long length, long sliceBytes, List<Slice> slices) {
    Slice whole = new Slice(path, 0, length, 0);
    if (!whole.splittable() || length <= sliceBytes) {
      slices.add(whole);
      return;
    }
    for (long start = 0; start < length; start += sliceBytes) {
      slices.add(new Slice(path, start, Math.min(length, start + sliceBytes), 0));
    }
  }

  private void add(String input) throws IOException {
    Path pattern = InputFile.path(input);
    FileSystem files = pattern.getFileSystem(configuration);
    long before = walk.found();
    // A file whose own name holds a glob character is that file.
    if (files.exists(pattern)) {
      addNamed(files, files.getFileStatus(pattern));
    } else {
      FileStatus[] matches = glob(files, pattern);
      if (matches == null || matches.length == 0) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "input %s matches no file; check the path", input));
      }
      for (FileStatus match : matches) {
        walk.add(files, match);
      }
    }
    walk.finish();
    if (walk.found() == before) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "input %s holds no %s file%s",
              input,
              SourceKind.ENDINGS,
              walk.notRead().isEmpty() ? "" : " but " + walk.notRead()));
    }
  }

  private void addNamed(FileSystem files, FileStatus match) throws IOException {
    if (match.isFile()) {
      if (SourceKind.of(match.getPath().getName()).isEmpty()) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "input %s is of no supported kind; use %s",
                match.getPath(),
                SourceKind.ENDINGS));
      }
      named.add(match.getPath().toString());
    }
    walk.addNamed(files, match);
  }

  private static FileStatus[] glob(FileSystem files, Path pattern) throws IOException {
    try {
      LocalNames.checkGlob(files, pattern);
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
}
