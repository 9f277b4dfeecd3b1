package org.uiospark.jobs.memory;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.safetensors.FileBytes;
import org.uiospark.model.safetensors.SafetensorsFile;

/**
 * Memory files on any file system: a local one is mapped, of others only what is asked for is read.
 */
public final class StoredMemory {
  private StoredMemory() {}

  /**
   * Opens the file of a name that the user gave: a path on this machine, or a URI.
   *
   * @throws InvalidInputException if it is missing, no memory file, or not whole
   */
  public static MemoryFile open(String name, Configuration configuration) {
    return InputFile.isUri(name)
        ? open(InputFile.path(name), configuration)
        : MemoryFile.of(SafetensorsFile.open(java.nio.file.Path.of(name)));
  }

  /** The same for a path; throws as above. */
  static MemoryFile open(Path path, Configuration configuration) {
    try {
      FileSystem files = AtomicWrite.fileSystem(path, configuration);
      if (isLocal(files)) {
        return MemoryFile.of(SafetensorsFile.open(local(files, path)));
      }
      FileStatus status = files.getFileStatus(path);
      if (!status.isFile()) {
        throw new InvalidInputException(path + " is a directory; name a memory file");
      }
      return MemoryFile.of(
          SafetensorsFile.of(path.toString(), new Ranges(files.open(path)), status.getLen()));
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(path + " does not exist", e);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  /**
   * The bytes of a file that a task left. It is open only while some of it is read: a long text has
   * any number of such, and a store lends no more than some connections.
   *
   * @param length of it, so that a store need not be asked
   */
  static FileBytes bytes(Path path, long length, Configuration configuration) throws IOException {
    return new OnDemand(AtomicWrite.fileSystem(path, configuration), path, length);
  }

  private static boolean isLocal(FileSystem files) {
    return files.getUri().getScheme().equals("file");
  }

  private static java.nio.file.Path local(FileSystem files, Path path) {
    return java.nio.file.Path.of(files.makeQualified(path).toUri().getPath());
  }

  /** Parts of a file, each read when it is asked for. */
  private record Ranges(FSDataInputStream in) implements FileBytes {
    @Override
    public ByteBuffer slice(long begin, int length) throws IOException {
      byte[] bytes = new byte[length];
      try {
        in.readFully(begin, bytes);
      } catch (EOFException e) {
        throw new IOException("it ends before byte " + (begin + length), e);
      }
      return ByteBuffer.wrap(bytes);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** The same of a file that is opened for each part. */
  private record OnDemand(FileSystem files, Path path, long length) implements FileBytes {
    @Override
    public ByteBuffer slice(long begin, int count) throws IOException {
      FutureDataInputStreamBuilder open = files.openFile(path);
      open.optLong(Options.OpenFileOptions.FS_OPTION_OPENFILE_LENGTH, length);
      open.opt(
          Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
          Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_RANDOM);
      try (Ranges file = new Ranges(FutureIO.awaitFuture(open.build()))) {
        return file.slice(begin, count);
      }
    }

    @Override
    public void close() {}
  }
}
