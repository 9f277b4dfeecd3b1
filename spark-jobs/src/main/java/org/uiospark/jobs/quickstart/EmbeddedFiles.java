package org.uiospark.jobs.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The tiny model, an adapter that can recall, the books to train on and the held-out books that the
 * program carries.
 */
final class EmbeddedFiles {
  private static final List<String> FILES =
      List.of(
          "model/config.json",
          "model/model.safetensors",
          "model/tokenizer.json",
          "recall-adapter/adapter.safetensors",
          "recall-adapter/adapter_config.json",
          "books/emma.txt",
          "books/mansfield-park.txt",
          "books/moby-dick.txt",
          "books/northanger-abbey.txt",
          "books/opticks.txt",
          "books/pride-and-prejudice.txt",
          "books/sense-and-sensibility.txt",
          "heldout/persuasion.txt",
          "heldout/tom-sawyer.txt");

  private EmbeddedFiles() {}

  /** Writes them below {@code folder}, each whole or not at all. */
  static void unpack(Path folder) {
    try {
      for (String file : FILES) {
        Path target = folder.resolve(file);
        Files.createDirectories(target.getParent());
        Path partial = target.resolveSibling(target.getFileName() + ".partial");
        try (InputStream content = EmbeddedFiles.class.getResourceAsStream(file)) {
          Files.copy(content, partial, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("folder " + folder + " cannot be written", e);
    }
  }
}
