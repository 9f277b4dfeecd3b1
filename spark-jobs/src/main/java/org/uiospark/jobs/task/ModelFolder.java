package org.uiospark.jobs.task;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.FolderKind;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.serve.ServingFiles;
import org.uiospark.model.text.TextTokenizer;

/**
 * The files of a base model on this machine. Those of another file system, such as HDFS or S3, are
 * copied once a machine into {@code $UIO_CACHE_DIR/models} ({@code ~/.cache/uio-spark/models}
 * without it), where they stay: a model that changes gets a folder of its own.
 *
 * @param name what leads to the model from every machine: an absolute path or a URI
 * @param path the directory in HuggingFace layout
 * @param sums SHA-256 over the SHA-256 of each copied file; empty for a model that is read where it
 *     lies
 */
public record ModelFolder(String name, Path path, String sums) {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFolder.class);

  /** Sums of the copied files, as {@code sha256sum -c} reads them. */
  private static final String SUMS = "SHA256SUMS";

  /**
   * The folder of a model; the first process of a machine that asks for a remote one copies it.
   *
   * @param model path or URI
   * @throws InvalidInputException if a URI leads to no model
   */
  public static ModelFolder of(String model, Configuration configuration) {
    if (!InputFile.isUri(model)) {
      return local(Path.of(model));
    }
    org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(model);
    if ("file".equals(remote.toUri().getScheme())) {
      return local(Path.of(remote.toUri().getPath()));
    }
    try {
      return copied(remote, remote.getFileSystem(configuration), cache());
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          "model directory " + model + " does not exist; check its path", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          String.format(Locale.ROOT, "model %s could not be copied: %s", model, e), e);
    }
  }

  /**
   * The folder of a model on this machine.
   *
   * @throws InvalidInputException if it is seen to be something else
   */
  public static ModelFolder local(Path path) {
    refuseOther(path.toString(), name -> Files.exists(path.resolve(name)));
    // An executor has a working directory of its own.
    return new ModelFolder(path.toAbsolutePath().normalize().toString(), path, "");
  }

  /**
   * The tokenizer beside the model, else that in the export.
   *
   * @param adapter folder of a checkpoint or an export
   * @throws InvalidInputException if there is none, or it cannot be read
   */
  public TextTokenizer tokenizer(OutputFolder adapter) {
    Path beside = path.resolve(ServingFiles.TOKENIZER);
    if (Files.exists(beside) || !adapter.has(ServingFiles.TOKENIZER)) {
      return TextTokenizer.load(beside);
    }
    String file = adapter.file(ServingFiles.TOKENIZER).toString();
    try {
      return TextTokenizer.parse(adapter.read(ServingFiles.TOKENIZER), file);
    } catch (IOException e) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "tokenizer %s cannot be read: %s", file, e.getMessage()), e);
    }
  }

  private static void refuseOther(String model, FolderKind.Names folder) {
    try {
      Optional<FolderKind> kind = FolderKind.of(folder);
      if (kind.isPresent() && !folder.has("config.json")) {
        throw new InvalidInputException(
            model
                + " is "
                + kind.get()
                + ", no base model; name a directory with config.json and *.safetensors");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + model, e);
    }
  }

  private static Path cache() {
    String folder = System.getenv("UIO_CACHE_DIR");
    return folder == null
        ? Path.of(System.getProperty("user.home"), ".cache", "uio-spark", "models")
        : Path.of(folder, "models");
  }

  /** Synchronized because a file lock is the whole JVM's. */
  static synchronized ModelFolder copied(
      org.apache.hadoop.fs.Path remote, FileSystem fs, Path cache) throws IOException {
    List<FileStatus> files =
        Arrays.stream(fs.listStatus(remote))
            .filter(file -> file.isFile() && isOfModel(file.getPath().getName()))
            .sorted(Comparator.comparing(file -> file.getPath().getName()))
            .toList();
    if (files.stream().noneMatch(file -> file.getPath().getName().equals("config.json"))) {
      refuseOther(
          remote.toString(), name -> fs.exists(new org.apache.hadoop.fs.Path(remote, name)));
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no config.json; name a model directory in HuggingFace layout",
              remote));
    }
    String key = key(fs.makeQualified(remote), files);
    Path folder = cache.resolve(key);
    Files.createDirectories(cache);
    try (FileChannel lock =
        FileChannel.open(
            cache.resolve(key + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Given back with the channel, and by the system if this process is killed.
      lock.lock();
      if (!Files.exists(folder)) {
        copy(fs, files, cache.resolve(key + ".part"), folder);
      }
    }
    byte[] sums = Files.readAllBytes(folder.resolve(SUMS));
    return new ModelFolder(fs.makeQualified(remote).toString(), folder, Sha256.hex(sums));
  }

  private static boolean isOfModel(String name) {
    return name.endsWith(".json") || name.endsWith(".safetensors");
  }

  private static String key(org.apache.hadoop.fs.Path remote, List<FileStatus> files) {
    StringBuilder text = new StringBuilder(remote.toString());
    for (FileStatus file : files) {
      text.append('\n').append(file.getPath().getName()).append(' ').append(file.getLen());
      text.append(' ').append(file.getModificationTime());
    }
    return Sha256.hex(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 32);
  }

  /** The rename is the commit: a folder without the suffix is whole. */
  private static void copy(FileSystem fs, List<FileStatus> files, Path part, Path folder)
      throws IOException {
    LOG.info("Copying {} to {}", files.get(0).getPath().getParent(), folder);
    // A process that was killed left it; the lock says that nobody writes there.
    FileUtils.deleteDirectory(part.toFile());
    Files.createDirectory(part);
    StringBuilder sums = new StringBuilder();
    for (FileStatus file : files) {
      String name = file.getPath().getName();
      MessageDigest digest = Sha256.digest();
      long bytes;
      try (InputStream in = new DigestInputStream(fs.open(file.getPath()), digest)) {
        bytes = Files.copy(in, part.resolve(name));
      }
      if (bytes != file.getLen()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s gave %d bytes instead of %d",
                file.getPath(),
                bytes,
                file.getLen()));
      }
      sums.append(Sha256.hex(digest)).append("  ").append(name).append('\n');
    }
    Files.writeString(part.resolve(SUMS), sums);
    Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
  }
}
