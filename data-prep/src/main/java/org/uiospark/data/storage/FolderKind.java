package org.uiospark.data.storage;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What a folder is, by the files in it, to tell a user who named the wrong one. */
public enum FolderKind {
  /** A checkpoint of a run. */
  CHECKPOINT("a checkpoint", "MANIFEST.json", "trainer_state.json", "optimizer.safetensors"),
  /** What train writes. */
  RUN("the output of a training run", "checkpoints", "metrics.jsonl"),
  /** What the library of that name reads, and export writes in parts. */
  PEFT(
      "an adapter in the format of HuggingFace PEFT",
      "adapter_model.safetensors",
      "adapter_model.bin"),
  /** What export writes. */
  ADAPTER("an adapter", "adapter.safetensors"),
  /** What prep writes. */
  DATA_SET("a data set", "state.json"),
  /** A base model in HuggingFace layout. */
  MODEL("a base model", "config.json");

  private final String description;
  private final List<String> signs;

  FolderKind(String description, String... signs) {
    this.description = description;
    this.signs = List.of(signs);
  }

  /** Looks up the names of a folder. */
  public interface Names {
    /** Whether a file or folder of that name is there. */
    boolean has(String name) throws IOException;
  }

  /** The kind of a folder; empty if it is none of these. */
  public static Optional<FolderKind> of(Names folder) throws IOException {
    for (FolderKind kind : values()) {
      for (String sign : kind.signs) {
        if (folder.has(sign)) {
          return Optional.of(kind);
        }
      }
    }
    return Optional.empty();
  }

  /** What it is, with its article, for messages. */
  @Override
  public String toString() {
    return description;
  }
}
