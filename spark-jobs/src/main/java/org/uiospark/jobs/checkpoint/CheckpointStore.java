package org.uiospark.jobs.checkpoint;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.lock.OutputLock;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

/**
 * The checkpoints of a run: {@code checkpoints/step-N} below its output.
 *
 * <p>A checkpoint counts from the moment its {@code MANIFEST.json} is there. One without it, or
 * whose files differ from it, is passed over with a warning and never deleted. {@code
 * checkpoints/latest} is a hint for people; nothing reads it.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern STEP = Pattern.compile("step-(\\d{1,18})");
  private static final String LATEST = "latest";

  /** Marks a folder that retention deletes: without a manifest as well, it is what is left. */
  static final String DELETING = "DELETING";

  static final String OPTIMIZER = "optimizer.safetensors";
  static final String STATE = "trainer_state.json";
  static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final OutputFolder folder;
  private final Optional<OutputLock> lock;

  /**
   * @param output what the user calls the output of training
   */
  public CheckpointStore(OutputFolder output) {
    this(output.child("checkpoints"), Optional.empty());
  }

  private CheckpointStore(OutputFolder folder, Optional<OutputLock> lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * The same checkpoints, for a run that writes: nothing is written or deleted any more once its
   * lock is lost.
   *
   * @param held of the output
   */
  public CheckpointStore under(OutputLock held) {
    return new CheckpointStore(folder, Optional.of(held));
  }

  private void requireRight() {
    lock.ifPresent(OutputLock::requireHeld);
  }

  /** The steps that have a folder, whole or not, newest first. */
  public List<Long> steps() {
    List<Long> steps = new ArrayList<>();
    try {
      for (FileStatus status : folder.fs().listStatus(folder.root())) {
        Matcher name = STEP.matcher(status.getPath().getName());
        if (status.isDirectory() && name.matches()) {
          steps.add(Long.valueOf(name.group(1)));
        }
      }
    } catch (FileNotFoundException e) {
      LOG.debug("No checkpoints yet", e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder.root(), e);
    }
    steps.sort(Collections.reverseOrder());
    return steps;
  }

  /** Where the checkpoint of a step lies. */
  public OutputFolder folder(long step) {
    return folder.child("step-" + step);
  }

  /** The folder that all of them lie in, for messages. */
  Path root() {
    return folder.root();
  }

  /** Whether a checkpoint was ever finished, also where retention began to delete it since. */
  boolean wasFinished(long step) {
    return folder(step).has(Manifest.NAME) || folder(step).has(DELETING);
  }

  /** How each looks without reading it, newest first. */
  public List<CheckpointStatus> statuses() {
    return steps().stream().map(step -> new CheckpointReader(folder(step)).status(step)).toList();
  }

  /**
   * Writes a checkpoint; on return it is whole.
   *
   * @throws InvalidInputException if another run has the right to write by now
   */
  public void save(Checkpoint checkpoint, Losses losses) {
    long step = checkpoint.state().step();
    OutputFolder target = folder(step);
    requireRight();
    target.create();
    // Only a checkpoint that was found damaged is written again, and it has a manifest.
    boolean again = target.has(Manifest.NAME);
    try {
      target.delete(DELETING);
      Map<String, Manifest.Entry> files = new TreeMap<>();
      write(
          target,
          files,
          AdapterFiles.TENSORS,
          out -> AdapterFiles.writeTensors(out, checkpoint.adapter()));
      write(
          target,
          files,
          AdapterFiles.CONFIG,
          out -> out.write(AdapterFiles.configBytes(checkpoint.config())));
      write(target, files, OPTIMIZER, out -> OptimizerFile.write(out, checkpoint));
      write(target, files, STATE, out -> out.write(JSON.writeValueAsBytes(checkpoint.state())));
      Manifest manifest = new Manifest(Manifest.FORMAT_VERSION, step, losses, files);
      requireRight();
      // The commit point: before this line there is no whole checkpoint, after it there is.
      commit(target, again, JSON.writeValueAsBytes(manifest));
      requireRight();
    } catch (IOException e) {
      throw new UncheckedIOException("checkpoint " + target.root() + " cannot be written", e);
    }
    try {
      folder.replace(LATEST, ("step-" + step + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // Who reads it is a person: the checkpoint counts without it.
      LOG.warn("{} cannot be written; checkpoint step-{} is whole", LATEST, step, e);
    }
  }

  /** Only one run creates the manifest; the other one is refused, unless it wrote the same. */
  private static void commit(OutputFolder target, boolean again, byte[] manifest)
      throws IOException {
    if (again) {
      target.replace(Manifest.NAME, manifest);
    } else if (!target.create(Manifest.NAME, manifest)
        && !Arrays.equals(target.read(Manifest.NAME), manifest)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s was written meanwhile by another run; give each run an --output of its own",
              target.root()));
    }
  }

  private interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  private void write(OutputFolder target, Map<String, Manifest.Entry> files, String name, Body body)
      throws IOException {
    requireRight();
    // A file there is of a checkpoint that was never finished.
    target.delete(name);
    try (SummedOutput out = new SummedOutput(AtomicWrite.open(target.fs(), target.file(name)))) {
      body.writeTo(out);
      files.put(name, out.entry());
    }
  }

  /**
   * Deletes a checkpoint, or what is left of one whose deletion was cut short. The caller knows
   * that it is whole and superseded.
   */
  void delete(long step) {
    OutputFolder target = folder(step);
    requireRight();
    try {
      target.replace(DELETING, new byte[0]);
      // The commit point: after this line there is no checkpoint, and what is left says so.
      target.delete(Manifest.NAME);
      for (String name : CheckpointReader.FILES) {
        target.delete(name);
      }
      for (FileStatus file : target.fs().listStatus(target.root())) {
        // A writer that was killed left hidden files: their names begin with a dot or underscore.
        String name = file.getPath().getName();
        if (name.startsWith(".") || name.startsWith("_")) {
          target.delete(name);
        }
      }
      target.delete(DELETING);
      if (!target.deleteIfEmpty()) {
        LOG.warn("{} holds files that are no part of a checkpoint; they stay", target.root());
      }
    } catch (IOException e) {
      // Training is worth more than the space; the next checkpoint tries again.
      LOG.warn("Checkpoint {} cannot be deleted: {}", target.root(), e.getMessage());
    }
  }

  /**
   * The newest checkpoint that is whole; those that are not are named in the log. Empty where none
   * was ever finished.
   *
   * @throws InvalidInputException if there were some, and none of them loads: it says why
   */
  public Optional<Checkpoint> latestWhole() {
    return new NewestWhole(this).find();
  }

  /** Where the run stood at the newest checkpoint that has a manifest; its tensors are not read. */
  public Optional<TrainerState> latestState() {
    for (long step : steps()) {
      OutputFolder at = folder(step);
      try {
        if (at.has(Manifest.NAME)) {
          return Optional.of(
              InputJson.record(at.file(STATE).toString(), at.read(STATE), TrainerState.class));
        }
      } catch (InvalidInputException | IOException e) {
        LOG.warn("The state of step-{} is passed over: {}", step, e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * Loads the checkpoint of a step, whole or not at all.
   *
   * @throws InvalidInputException if it is not there, not whole or damaged
   */
  public Checkpoint load(long step) {
    Checkpoint checkpoint = load(folder(step));
    if (checkpoint.state().step() != step) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "%s holds the checkpoint of step %d; name the folder as that step",
              folder(step).root(),
              checkpoint.state().step()));
    }
    return checkpoint;
  }

  /**
   * Reads every file of the checkpoint of a step without loading it.
   *
   * @return where the run stood
   * @throws InvalidInputException if it is not there, not whole or damaged
   */
  TrainerState verify(long step) {
    return new CheckpointReader(folder(step)).verify();
  }

  /**
   * Loads a checkpoint from its folder, whole or not at all.
   *
   * @throws InvalidInputException if it is not there, not whole or damaged
   */
  public static Checkpoint load(OutputFolder checkpoint) {
    return new CheckpointReader(checkpoint).read();
  }
}
