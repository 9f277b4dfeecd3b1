package org.uiospark.jobs;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own that can be full or read-only: permissions would not stop root. */
record SmallDisk(Path at) implements AutoCloseable {
  /** Mounts it; a test that asks for one is skipped where that is not permitted. */
  static SmallDisk mount(Path at, int kibibytes) throws IOException {
    Files.createDirectories(at);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + kibibytes + "k", "tmpfs", at.toString()),
        "skipped: this user may not mount a file system");
    return new SmallDisk(at);
  }

  private static boolean run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Takes all space but so much. */
  void leave(int kibibytes) throws IOException {
    long free = Files.getFileStore(at).getUsableSpace() - kibibytes * 1024L;
    Files.write(at.resolve("full"), new byte[Math.toIntExact(free)]);
  }

  void free() throws IOException {
    Files.delete(at.resolve("full"));
  }

  void makeReadOnly() throws IOException {
    if (!run("mount", "-o", "remount,ro", at.toString())) {
      throw new IOException(at + " cannot be made read-only");
    }
  }

  @Override
  public void close() throws IOException {
    run("umount", at.toString());
  }
}
