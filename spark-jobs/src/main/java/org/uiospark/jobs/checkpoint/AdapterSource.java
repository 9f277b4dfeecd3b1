package org.uiospark.jobs.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.uiospark.data.storage.FolderKind;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;

/** Finds the checkpoint or the adapter in a folder that the user names. */
public final class AdapterSource {
  private static final String CHECKPOINTS = "checkpoints";

  private AdapterSource() {}

  /**
   * The checkpoint in {@code folder}, or the newest whole one of the training output that it is.
   *
   * @throws InvalidInputException if there is none, or it is not whole
   */
  public static Checkpoint checkpoint(OutputFolder folder) {
    requireExisting(folder);
    if (folder.has(CHECKPOINTS)) {
      return new CheckpointStore(folder)
          .latestWhole()
          .orElseThrow(
              () ->
                  new InvalidInputException(
                      String.format(
                          Locale.ROOT,
                          "%s has no whole checkpoint yet; train until one is written",
                          folder.root())));
    }
    if (!isCheckpoint(folder)) {
      throw new InvalidInputException(
          folder.root()
              + kind(folder)
                  .map(kind -> " is " + kind + " and is no checkpoint")
                  .orElse(" is no checkpoint")
              + "; name a step-N folder or the output of train");
    }
    return CheckpointStore.load(folder);
  }

  /**
   * The adapter in {@code folder}: an export, a checkpoint, or a training output.
   *
   * @throws InvalidInputException if there is none, or it is not whole
   */
  public static LoadedAdapter adapter(OutputFolder folder) {
    requireExisting(folder);
    if (isCheckpoint(folder) || folder.has(CHECKPOINTS)) {
      Checkpoint checkpoint = checkpoint(folder);
      return new LoadedAdapter(checkpoint.adapter(), checkpoint.config());
    }
    requireAdapter(folder);
    if (folder.fs().getUri().getScheme().equals("file")) {
      return AdapterFiles.load(Path.of(folder.root().toUri().getPath()));
    }
    if (!folder.has(AdapterFiles.CONFIG) || !folder.has(AdapterFiles.TENSORS)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s has no %s with %s; name a directory that export wrote",
              folder.root(),
              AdapterFiles.CONFIG,
              AdapterFiles.TENSORS));
    }
    try {
      AdapterConfig config =
          AdapterFiles.readConfig(
              folder.file(AdapterFiles.CONFIG).toString(), folder.read(AdapterFiles.CONFIG));
      String origin = folder.file(AdapterFiles.TENSORS).toString();
      byte[] tensors = folder.read(AdapterFiles.TENSORS);
      return new LoadedAdapter(AdapterFiles.readTensors(origin, tensors, config.shape()), config);
    } catch (IOException e) {
      throw new UncheckedIOException("adapter " + folder.root() + " cannot be read", e);
    }
  }

  /** A checkpoint that was never finished counts: loading it says so. */
  private static boolean isCheckpoint(OutputFolder folder) {
    return folder.has("MANIFEST.json")
        || folder.has("trainer_state.json")
        || folder.has("optimizer.safetensors");
  }

  private static void requireAdapter(OutputFolder folder) {
    String instead = "; name a folder that export wrote, a checkpoint or the output of train";
    try {
      if (!folder.fs().getFileStatus(folder.root()).isDirectory()) {
        throw new InvalidInputException(folder.root() + " is a file" + instead);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + folder.root(), e);
    }
    FolderKind kind = kind(folder).orElse(FolderKind.ADAPTER);
    if (kind == FolderKind.PEFT) {
      throw new InvalidInputException(
          folder.root()
              + " is "
              + kind
              + ", which holds half of a memory adapter at most"
              + exportAbove(folder).map(export -> "; name " + export).orElse(instead));
    }
    if (kind != FolderKind.ADAPTER) {
      throw new InvalidInputException(folder.root() + " is " + kind + ", no adapter" + instead);
    }
  }

  /** The export that {@code peft/encoder} or {@code peft/transfer} is a part of. */
  private static Optional<org.apache.hadoop.fs.Path> exportAbove(OutputFolder part) {
    return Optional.ofNullable(part.root().getParent())
        .map(org.apache.hadoop.fs.Path::getParent)
        .filter(above -> new OutputFolder(part.fs(), above).has(AdapterFiles.TENSORS));
  }

  private static Optional<FolderKind> kind(OutputFolder folder) {
    try {
      return FolderKind.of(folder::has);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + folder.root(), e);
    }
  }

  private static void requireExisting(OutputFolder folder) {
    try {
      if (!folder.fs().exists(folder.root())) {
        throw new InvalidInputException(
            folder.root() + " does not exist; name an export, a checkpoint or an output of train");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + folder.root(), e);
    }
  }
}
