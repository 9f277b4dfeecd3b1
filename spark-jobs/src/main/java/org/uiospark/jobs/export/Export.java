package org.uiospark.jobs.export;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.settings.Settings;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InvalidInputException;

/**
 * A checkpoint to an export: the adapter with its configuration, the tokenizer, which model it
 * belongs to, how it came about, the same tensors for HuggingFace PEFT, what DJL serves it with, a
 * file that reads with it in Python, and a model card.
 */
public final class Export {
  private static final Logger LOG = LoggerFactory.getLogger(Export.class);

  /** Schemes of the file systems that rename a folder in one step. */
  private static final Set<String> RENAMES = Set.of("file", "hdfs", "viewfs");

  /** Lies in an object store as long as an export is being written there. */
  private static final String UPLOADING = AtomicWrite.UNCOMMITTED + "export";

  private final OutputFolder output;

  private Export(OutputFolder output) {
    this.output = output;
  }

  /**
   * Writes the export beside its place and moves it there whole. An object store has no such move:
   * there {@code adapter_config.json} is written last, and without it there is no export. An export
   * that is there already is replaced.
   *
   * @param settings of the section {@code export}
   * @param configuration for the file systems of all that it reads and writes
   * @return the folder
   * @throws InvalidInputException if there is no whole checkpoint, the evaluation is none of its
   *     base model, or the output holds anything that no export wrote
   */
  public static OutputFolder run(Settings settings, Configuration configuration) {
    OutputFolder output = OutputFolder.of(settings.text("export.output"), configuration);
    Export export = new Export(output);
    try {
      output.requireWritable();
      export.requireReplaceable();
      Checkpoint checkpoint =
          AdapterSource.checkpoint(
              OutputFolder.of(settings.text("export.checkpoint"), configuration));
      List<EvaluationResult> evaluation =
          EvaluationResult.read(
              settings.text("export.evaluation"),
              checkpoint.config().baseModel().fingerprint(),
              configuration);
      Path local = Files.createTempDirectory("uio-export");
      try {
        write(new ExportFiles(checkpoint, evaluation, local, configuration), local);
        if (RENAMES.contains(output.fs().getUri().getScheme())) {
          export.publish(local);
        } else {
          export.upload(local);
        }
      } finally {
        delete(local);
      }
      LOG.info("Exported step {} to {}", checkpoint.state().step(), output.root());
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException("export " + output.root() + " cannot be written", e);
    }
  }

  private static void write(ExportFiles files, Path local) {
    try {
      files.write();
    } catch (IOException e) {
      throw new UncheckedIOException("temporary folder " + local + " cannot be written", e);
    }
  }

  private void requireReplaceable() throws IOException {
    Set<String> names = names();
    boolean export =
        (names.contains(AdapterFiles.CONFIG) || names.contains(UPLOADING))
            && names.stream().allMatch(n -> n.equals(UPLOADING) || ExportFiles.NAMES.contains(n));
    if (!names.isEmpty() && !export) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "output %s holds what no export wrote; empty it or name another --output",
              output.root()));
    }
  }

  private Set<String> names() throws IOException {
    try {
      if (output.fs().exists(output.root())
          && !output.fs().getFileStatus(output.root()).isDirectory()) {
        throw new InvalidInputException(
            String.format(Locale.ROOT, "output %s is a file; name a folder", output.root()));
      }
      return Arrays.stream(output.fs().listStatus(output.root()))
          .map(status -> status.getPath().getName())
          .collect(Collectors.toSet());
    } catch (FileNotFoundException e) {
      LOG.debug("No output yet", e);
      return Set.of();
    }
  }

  private void publish(Path local) throws IOException {
    FileSystem fs = output.fs();
    org.apache.hadoop.fs.Path parent = output.root().getParent();
    if (parent == null) {
      throw new InvalidInputException(
          "output " + output.root() + " is a root; name a folder in it");
    }
    String own = "." + output.root().getName() + "." + UUID.randomUUID();
    org.apache.hadoop.fs.Path partial = new org.apache.hadoop.fs.Path(parent, own + ".partial");
    org.apache.hadoop.fs.Path former = new org.apache.hadoop.fs.Path(parent, own + ".former");
    try {
      for (Path file : files(local)) {
        copy(file, new org.apache.hadoop.fs.Path(partial, local.relativize(file).toString()));
      }
      boolean replaces = fs.exists(output.root());
      if (replaces) {
        rename(fs, output.root(), former);
      }
      try {
        // The commit point: the name stands for the whole export from here on.
        rename(fs, partial, output.root());
      } catch (IOException e) {
        if (replaces) {
          rename(fs, former, output.root());
        }
        throw e;
      }
      if (replaces) {
        fs.delete(former, true);
      }
    } finally {
      fs.delete(partial, true);
    }
  }

  private void upload(Path local) throws IOException {
    FileSystem fs = output.fs();
    // Without a configuration, what a killed export left is known by this mark.
    output.replace(UPLOADING, new byte[0]);
    // The configuration of an export that is replaced goes first: no reader takes old and new.
    fs.delete(output.file(AdapterFiles.CONFIG), false);
    for (String name : names()) {
      if (!name.equals(UPLOADING)) {
        fs.delete(output.file(name), true);
      }
    }
    Path config = local.resolve(AdapterFiles.CONFIG);
    for (Path file : files(local)) {
      if (!file.equals(config)) {
        copy(file, output.file(local.relativize(file).toString()));
      }
    }
    // The commit point: there is an export from here on.
    output.replace(AdapterFiles.CONFIG, Files.readAllBytes(config));
    output.delete(UPLOADING);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private void copy(Path file, org.apache.hadoop.fs.Path to) throws IOException {
    try (OutputStream out = AtomicWrite.open(output.fs(), to)) {
      Files.copy(file, out);
    }
  }

  private static void rename(
      FileSystem fs, org.apache.hadoop.fs.Path from, org.apache.hadoop.fs.Path to)
      throws IOException {
    if (!fs.rename(from, to)) {
      throw new IOException("cannot move " + from + " to " + to);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }
}
