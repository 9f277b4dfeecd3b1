package org.uiospark.jobs.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.NamedOutput;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.CheckpointStatus.State;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * Loads one checkpoint: copies its files to local ones, which may pass 2 GiB, checks them against
 * the manifest on the way, and only then reads them.
 */
record CheckpointReader(OutputFolder folder) {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointReader.class);
  static final List<String> FILES =
      List.of(
          AdapterFiles.TENSORS,
          AdapterFiles.CONFIG,
          CheckpointStore.OPTIMIZER,
          CheckpointStore.STATE);

  /** The end of every refusal, where one checkpoint was named. */
  static final String ADVICE = "; choose another checkpoint";

  private static final int CHUNK = 1 << 20;

  Checkpoint read() {
    try {
      Path local = Files.createTempDirectory("uio-checkpoint");
      try {
        Manifest manifest = manifest();
        for (String name : FILES) {
          Path file = local.resolve(name);
          try (OutputStream out = new NamedOutput(file.toString(), Files.newOutputStream(file))) {
            copy(name, manifest.files().get(name), out);
          }
        }
        return assemble(manifest, local);
      } catch (InvalidInputException e) {
        // The user has never heard of the copies.
        String message = e.getMessage().replace(local.toString(), folder.root().toString());
        throw new InvalidInputException(message, e);
      } finally {
        for (String name : FILES) {
          Files.deleteIfExists(local.resolve(name));
        }
        Files.delete(local);
      }
    } catch (FileNotFoundException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint " + folder.root() + " cannot be read", e);
    }
  }

  /** Reads every file and keeps none; the sums are all that is checked, besides the state. */
  TrainerState verify() {
    try {
      Manifest manifest = manifest();
      ByteArrayOutputStream state = new ByteArrayOutputStream();
      for (String name : FILES) {
        boolean kept = name.equals(CheckpointStore.STATE);
        copy(name, manifest.files().get(name), kept ? state : OutputStream.nullOutputStream());
      }
      return state(manifest, state.toByteArray());
    } catch (FileNotFoundException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint " + folder.root() + " cannot be read", e);
    }
  }

  /** How the checkpoint of a step looks by its manifest and the sizes of its files. */
  CheckpointStatus status(long step) {
    try {
      Map<String, FileStatus> there = new HashMap<>();
      for (FileStatus file : folder.fs().listStatus(folder.root())) {
        there.put(file.getPath().getName(), file);
      }
      long bytes = there.values().stream().mapToLong(FileStatus::getLen).sum();
      FileStatus committed = there.get(Manifest.NAME);
      if (committed == null) {
        // The marker goes last of all files: a deletion that was cut after it left a bare folder.
        boolean deleted = there.isEmpty() || there.containsKey(CheckpointStore.DELETING);
        State state = deleted ? State.DELETED : State.TORN;
        return new CheckpointStatus(step, state, null, bytes, Losses.UNKNOWN);
      }
      Instant written = Instant.ofEpochMilli(committed.getModificationTime());
      try {
        Manifest manifest = manifest();
        State state = fits(manifest, step, there) ? State.WHOLE : State.DAMAGED;
        return new CheckpointStatus(step, state, written, bytes, manifest.losses());
      } catch (InvalidInputException e) {
        LOG.debug("A manifest that cannot be read", e);
        return new CheckpointStatus(step, State.DAMAGED, written, bytes, Losses.UNKNOWN);
      }
    } catch (FileNotFoundException e) {
      // A file that is there and cannot be opened must not pass for deleted; see unreadable.
      State state = folder.has(Manifest.NAME) ? State.DAMAGED : State.DELETED;
      LOG.debug("{} while it was looked at", state, e);
      return new CheckpointStatus(step, state, null, 0, Losses.UNKNOWN);
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint " + folder.root() + " cannot be looked at", e);
    }
  }

  private static boolean fits(Manifest manifest, long step, Map<String, FileStatus> there) {
    return manifest.step() == step
        && FILES.stream()
            .allMatch(
                name ->
                    manifest.files().containsKey(name)
                        && there.containsKey(name)
                        && there.get(name).getLen() == manifest.files().get(name).bytes());
  }

  private Manifest manifest() throws IOException {
    if (!folder.has(Manifest.NAME)) {
      throw new InvalidInputException(
          String.format(
                  Locale.ROOT, "%s has no %s: it was never finished", folder.root(), Manifest.NAME)
              + ADVICE);
    }
    String origin = folder.file(Manifest.NAME).toString();
    try (InputStream in = open(Manifest.NAME)) {
      return InputJson.record(origin, InputJson.bytes(origin, in), Manifest.class);
    }
  }

  private InputStream open(String name) throws IOException {
    if (!folder.isFile(name)) {
      throw damaged(name, "it is no file");
    }
    return folder.open(name);
  }

  private void copy(String name, Manifest.Entry entry, OutputStream out) throws IOException {
    if (entry == null) {
      throw damaged(name, "the manifest does not list it");
    }
    if (!folder.has(name)) {
      throw damaged(name, "it is missing");
    }
    long length = folder.fs().getFileStatus(folder.file(name)).getLen();
    if (length != entry.bytes()) {
      throw damaged(
          name,
          String.format(Locale.ROOT, "it has %d bytes, written were %d", length, entry.bytes()));
    }
    MessageDigest digest = Sha256.digest();
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = open(name)) {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        digest.update(chunk, 0, count);
        out.write(chunk, 0, count);
      }
    }
    if (!Sha256.hex(digest).equals(entry.sha256())) {
      throw damaged(name, "its SHA-256 is not the manifest's");
    }
  }

  private InvalidInputException damaged(String name, String why) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s of checkpoint %s is damaged: %s", name, folder.root(), why)
            + ADVICE);
  }

  /**
   * Every file was there a moment ago. Java says that a local file is not found where it may not be
   * opened, too; a checkpoint is deleted from its manifest on.
   */
  private RuntimeException unreadable(FileNotFoundException e) {
    if (folder.has(Manifest.NAME)) {
      return new UncheckedIOException("checkpoint " + folder.root() + " cannot be read", e);
    }
    return new InvalidInputException(
        String.format(Locale.ROOT, "checkpoint %s was deleted while it was read", folder.root())
            + ADVICE,
        e);
  }

  private TrainerState state(Manifest manifest, byte[] json) {
    TrainerState state =
        InputJson.record(folder.file(CheckpointStore.STATE).toString(), json, TrainerState.class);
    if (state.step() != manifest.step()) {
      throw damaged(CheckpointStore.STATE, "it is of step " + state.step());
    }
    return state;
  }

  private Checkpoint assemble(Manifest manifest, Path local) throws IOException {
    TrainerState state = state(manifest, InputJson.bytes(local.resolve(CheckpointStore.STATE)));
    AdapterConfig config =
        AdapterFiles.readConfig(
            folder.file(AdapterFiles.CONFIG).toString(),
            InputJson.bytes(local.resolve(AdapterFiles.CONFIG)));
    Adapter adapter = AdapterFiles.readTensors(local.resolve(AdapterFiles.TENSORS), config.shape());
    Path optimizer = local.resolve(CheckpointStore.OPTIMIZER);
    return new Checkpoint(
        config,
        adapter,
        OptimizerFile.read(optimizer, config.shape(), OptimizerFile.FIRST),
        OptimizerFile.read(optimizer, config.shape(), OptimizerFile.SECOND),
        state);
  }
}
