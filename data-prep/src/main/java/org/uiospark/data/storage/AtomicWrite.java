package org.uiospark.data.storage;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/** Writes files in one step, on any file system: a reader sees all of it or nothing. */
public final class AtomicWrite {
  /** Begins the name of whatever a killed run may leave behind. */
  public static final String UNCOMMITTED = "_uncommitted-";

  private AtomicWrite() {}

  /** The file system of a path; the local one without its checksum files. */
  public static FileSystem fileSystem(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /**
   * Opens a new file for writing, with the permissions that the file system gives one. It is on the
   * disk once it is closed, where the file system knows how.
   */
  public static OutputStream open(FileSystem files, Path path) throws IOException {
    if (!isLocal(files)) {
      FSDataOutputStream out = files.create(path, false);
      return new SyncedOutput(path.toString(), out, () -> sync(out));
    }
    // Hadoop would start a chmod process for every local file.
    java.nio.file.Path file = local(files, path);
    mkdirs(file.getParent());
    FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE);
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
    return new SyncedOutput(file.toString(), out, () -> channel.force(true));
  }

  /**
   * Makes a directory and those above it, where they are not there.
   *
   * @throws IOException that says why, if it cannot
   */
  public static void mkdirs(FileSystem files, Path path) throws IOException {
    if (isLocal(files)) {
      // Hadoop would start a chmod process, and does not say why a directory cannot be made.
      mkdirs(local(files, path));
    } else if (!files.mkdirs(path)) {
      throw new IOException(path + ": its file system refuses the directory");
    }
  }

  private static void mkdirs(java.nio.file.Path directory) throws IOException {
    // Java 17 takes a link to a directory for a file in the way.
    if (!Files.isDirectory(directory)) {
      try {
        Files.createDirectories(directory);
      } catch (FileAlreadyExistsException e) {
        throw new FileSystemException(e.getFile(), null, "it is a file, not a directory");
      } catch (NoSuchFileException e) {
        throw new FileSystemException(e.getFile(), null, "its file system refuses the directory");
      }
    }
  }

  /** What a file is to hold. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Puts a file in the place of the one of that name. */
  public static void replace(FileSystem files, Path path, byte[] content) throws IOException {
    replace(files, path, out -> out.write(content));
  }

  /**
   * The same with content that is too long for memory; where writing it fails, what was there
   * stays.
   */
  public static void replace(FileSystem files, Path path, Content content) throws IOException {
    switch (files.getUri().getScheme()) {
      case "file", "hdfs", "viewfs" -> {
        Path temporary = temporary(path);
        writeNew(files, temporary, content);
        try {
          moveOver(files, temporary, path);
        } catch (IOException e) {
          leaveNothing(files, temporary, e);
          throw e;
        }
      }
      // Object stores show a file only once it is closed, and then all of it.
      default -> {
        FSDataOutputStream out = files.create(path, true);
        try {
          content.writeTo(out);
          sync(out);
        } catch (IOException | RuntimeException e) {
          abandon(out);
          throw e;
        }
        out.close();
      }
    }
  }

  /** To close it would show what was written so far, so what cannot be aborted stays open. */
  private static void abandon(FSDataOutputStream out) {
    if (out.hasCapability(StreamCapabilities.ABORTABLE_STREAM)) {
      out.abort();
    }
  }

  private static void moveOver(FileSystem files, Path from, Path to) throws IOException {
    if (isLocal(files)) {
      // Hadoop's own rename over a local file deletes that first.
      Files.move(local(files, from), local(files, to), ATOMIC_MOVE, REPLACE_EXISTING);
    } else {
      FileContext.getFileContext(files.getUri(), files.getConf())
          .rename(from, files.makeQualified(to), Options.Rename.OVERWRITE);
    }
  }

  private static boolean isLocal(FileSystem files) {
    return files.getUri().getScheme().equals("file");
  }

  private static java.nio.file.Path local(FileSystem files, Path path) {
    return java.nio.file.Path.of(files.makeQualified(path).toUri().getPath());
  }

  /**
   * Creates a file that is not there.
   *
   * @param content tells this run from others, where it matters who created the file
   * @return false if another run has created it, even at the same time
   */
  public static boolean create(FileSystem files, Path path, byte[] content) throws IOException {
    if (files.exists(path)) {
      return false;
    }
    return switch (files.getUri().getScheme()) {
      case "file" -> link(files, path, content);
      case "s3a" -> put(files, path, content);
      default -> rename(files, path, content);
    };
  }

  /** A link, unlike a rename, never replaces. */
  private static boolean link(FileSystem files, Path path, byte[] content) throws IOException {
    Path temporary = temporary(path);
    writeNew(files, temporary, content);
    java.nio.file.Path written = local(files, temporary);
    try {
      Files.createLink(local(files, path), written);
      return true;
    } catch (FileAlreadyExistsException e) {
      // Local to the system, a file may lie on a server, to which a request can go twice.
      return holds(files, path, content);
    } finally {
      Files.delete(written);
    }
  }

  /** A conditional PUT where the store knows it; the answer may be lost, so the store is asked. */
  private static boolean put(FileSystem files, Path path, byte[] content) throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(path);
    builder.create();
    builder.overwrite(true);
    builder.opt(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    IOException refused = new IOException(path + " vanished");
    try (OutputStream out = builder.build()) {
      out.write(content);
    } catch (IOException e) {
      refused = e;
    }
    if (!files.exists(path)) {
      throw refused;
    }
    return holds(files, path, content);
  }

  /** Hadoop's rename does not replace; the answer may be lost, so the file system is asked. */
  private static boolean rename(FileSystem files, Path path, byte[] content) throws IOException {
    Path temporary = temporary(path);
    writeNew(files, temporary, content);
    IOException refused = new IOException("cannot rename " + temporary + " to " + path);
    try {
      if (files.rename(temporary, path)) {
        return true;
      }
    } catch (IOException e) {
      refused = e;
    }
    if (!files.exists(path)) {
      throw refused;
    }
    boolean ours = holds(files, path, content);
    if (!ours) {
      files.delete(temporary, false);
    }
    return ours;
  }

  private static boolean holds(FileSystem files, Path path, byte[] content) throws IOException {
    try (InputStream in = files.open(path)) {
      return Arrays.equals(in.readAllBytes(), content);
    } catch (FileNotFoundException e) {
      // Whoever had created it has deleted it by now.
      return false;
    }
  }

  private static Path temporary(Path path) {
    return new Path(path.getParent(), UNCOMMITTED + UUID.randomUUID() + ".json");
  }

  private static void writeNew(FileSystem files, Path path, byte[] content) throws IOException {
    writeNew(files, path, out -> out.write(content));
  }

  private static void writeNew(FileSystem files, Path path, Content content) throws IOException {
    try (OutputStream out = open(files, path)) {
      content.writeTo(out);
    } catch (IOException | RuntimeException e) {
      leaveNothing(files, path, e);
      throw e;
    }
  }

  /** Whoever tries again and again, on a full disk, would leave a file each time. */
  private static void leaveNothing(FileSystem files, Path path, Exception why) {
    try {
      files.delete(path, false);
    } catch (IOException left) {
      why.addSuppressed(left);
    }
  }

  /** Brings what was written to the disk, where the file system knows how. */
  static void sync(FSDataOutputStream out) throws IOException {
    if (out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }
}
