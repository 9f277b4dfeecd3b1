package org.uiospark.jobs.hostile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.Sha256;

/**
 * Good files, and a place where copies of them are spoiled.
 *
 * @param good holds a folder for each thing that is read
 * @param hostile holds the folder that is read now
 */
record HostileFolder(Path good, Path hostile) implements AutoCloseable {
  static final Path TINY = Path.of("src/main/resources/org/uiospark/jobs/quickstart/model");
  static final Path BASE = Path.of("../model/src/test/resources/fixtures/gqa-tied");

  static HostileFolder create() throws IOException {
    return new HostileFolder(
        Files.createTempDirectory("good"), Files.createTempDirectory("hostile"));
  }

  /** A folder of nothing, in the place of the one that was read last. */
  Path empty() throws IOException {
    Path folder = hostile.resolve("read");
    delete(folder);
    return Files.createDirectory(folder);
  }

  /** A copy of good files, to be spoiled. */
  Path fresh(String name) throws IOException {
    Path from = good.resolve(name);
    Path to = empty();
    try (Stream<Path> tree = Files.walk(from).skip(1)) {
      for (Path path : tree.toList()) {
        Files.copy(path, to.resolve(from.relativize(path)));
      }
    }
    return to;
  }

  static void spoil(Path file, List<Damage> damages) throws IOException {
    Files.write(file, Damage.apply(damages, Files.readAllBytes(file)));
  }

  /** Spoils the header of a safetensors file, where that is asked for and it is one. */
  static void spoil(Path file, List<Damage> damages, boolean header) throws IOException {
    if (header && file.toString().endsWith(".safetensors")) {
      Files.write(file, Damage.applyToHeader(damages, Files.readAllBytes(file)));
    } else {
      spoil(file, damages);
    }
  }

  /** Makes the sum in an entry of a manifest true again. */
  static void sum(ObjectNode entry, Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    entry.put("bytes", bytes.length).put("sha256", Sha256.hex(bytes));
  }

  static OutputFolder output(Path path) {
    return OutputFolder.of(path.toString(), new Configuration());
  }

  @Override
  public void close() throws IOException {
    delete(good);
    delete(hostile);
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path path : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
