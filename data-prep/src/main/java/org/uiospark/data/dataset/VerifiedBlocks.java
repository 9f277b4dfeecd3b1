package org.uiospark.data.dataset;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileRange;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;
import org.uiospark.data.dataset.BlockTree.Block;
import org.uiospark.data.dataset.DataSetDescription.DataFile;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;

/**
 * A data file on another machine, of which only the blocks that are asked for come here, each
 * compared with its sum. Many threads may read; none waits for another.
 */
final class VerifiedBlocks {
  /** Bytes read at once from the end: a footer with its batches, as a rule. */
  private static final int END = 2 * BlockTree.BLOCK;

  private final Path path;
  private final DataFile file;
  private final Configuration configuration;
  private final BlockCache cache;
  private final StreamFooter footer;
  private final BlockTree tree;

  /**
   * Bytes of the stream.
   *
   * @param at where they begin
   * @param length how many
   */
  record Range(long at, int length) {}

  /**
   * Reads the footer.
   *
   * @throws InvalidInputException if the file is not there, or is not the one of {@code state.json}
   */
  VerifiedBlocks(Path path, DataFile file, Configuration configuration, BlockCache cache)
      throws IOException {
    this.path = path;
    this.file = file;
    this.configuration = configuration;
    this.cache = cache;
    try {
      this.footer = footer();
    } catch (IllegalArgumentException e) {
      throw damaged(e.getMessage(), e);
    }
    this.tree = BlockTree.over(footer.stream());
  }

  private StreamFooter footer() throws IOException {
    int end = (int) Math.min(END, file.bytes());
    byte[] last = fetched(List.of(new Range(file.bytes() - end, end))).get(0);
    if (last.length < StreamFooter.TRAILER) {
      throw new IllegalArgumentException("it is too short");
    }
    int length =
        StreamFooter.length(
            Arrays.copyOfRange(last, last.length - StreamFooter.TRAILER, last.length), file.rows());
    if (length > file.bytes()) {
      throw new IllegalArgumentException("its end is not that of a data file");
    }
    byte[] bytes =
        length > last.length
            ? fetched(List.of(new Range(file.bytes() - length, length))).get(0)
            : Arrays.copyOfRange(last, last.length - length, last.length);
    if (!Sha256.hex(bytes).equals(file.footerSha256())) {
      throw new IllegalArgumentException("the SHA-256 of its footer is not that of state.json");
    }
    return StreamFooter.parse(bytes, file.bytes());
  }

  /** Bytes of the stream. */
  long stream() {
    return footer.stream();
  }

  /** The record batches of the stream. */
  List<StreamFooter.BatchStart> batches() {
    return footer.batches();
  }

  /**
   * Some bytes of the stream each, in as few requests as they lie apart, all at once.
   *
   * @throws InvalidInputException if they are not those that prep wrote
   */
  List<ByteBuffer> read(List<Range> ranges) throws IOException {
    Map<Block, byte[]> blocks = new HashMap<>();
    List<Block> missing = new ArrayList<>();
    for (Range range : ranges) {
      if (range.at < 0 || range.length < 0 || range.at > footer.stream() - range.length) {
        throw new IndexOutOfBoundsException(range + " of " + footer.stream());
      }
      long last = (range.at + range.length - 1) / BlockTree.BLOCK;
      for (long i = range.at / BlockTree.BLOCK; range.length > 0 && i <= last; i++) {
        collect(new Block(0, i), blocks, missing);
      }
    }
    if (!missing.isEmpty()) {
      fetch(missing, blocks);
    }
    return ranges.stream().map(range -> content(range, blocks)).toList();
  }

  /** A block and those that its sum hangs on, up to one that is at hand. */
  private void collect(Block block, Map<Block, byte[]> blocks, List<Block> missing) {
    Block next = block;
    while (next.level() < tree.top() && !blocks.containsKey(next)) {
      byte[] known = cache.get(this, next);
      blocks.put(next, known);
      if (known != null) {
        return;
      }
      missing.add(next);
      next = next.parent();
    }
  }

  private void fetch(List<Block> missing, Map<Block, byte[]> blocks) throws IOException {
    missing.sort(Comparator.comparingLong(tree::start));
    List<Range> runs = new ArrayList<>();
    for (Block block : missing) {
      Range last = runs.isEmpty() ? new Range(-1, 0) : runs.get(runs.size() - 1);
      if (last.at + last.length == tree.start(block)) {
        runs.set(runs.size() - 1, new Range(last.at, last.length + tree.length(block)));
      } else {
        runs.add(new Range(tree.start(block), tree.length(block)));
      }
    }
    List<byte[]> contents = fetched(runs);
    Map<Block, byte[]> fresh = new HashMap<>();
    int run = 0;
    for (Block block : missing) {
      while (tree.start(block) >= runs.get(run).at + runs.get(run).length) {
        run++;
      }
      int from = (int) (tree.start(block) - runs.get(run).at);
      fresh.put(block, Arrays.copyOfRange(contents.get(run), from, from + tree.length(block)));
    }
    blocks.putAll(fresh);
    MessageDigest digest = Sha256.digest();
    missing.sort(Comparator.comparingInt(Block::level).reversed());
    for (Block block : missing) {
      byte[] sums = block.level() + 1 == tree.top() ? footer.top() : blocks.get(block.parent());
      byte[] sum = digest.digest(blocks.get(block));
      int at = block.place();
      if (!Arrays.equals(sum, 0, BlockTree.SUM, sums, at, at + BlockTree.SUM)) {
        throw damaged(
            String.format(
                Locale.ROOT,
                "its %d bytes at %d are not those that prep wrote",
                tree.length(block),
                tree.start(block)),
            null);
      }
    }
    cache.put(this, fresh);
  }

  private ByteBuffer content(Range range, Map<Block, byte[]> blocks) {
    ByteBuffer content = ByteBuffer.allocate(range.length).order(ByteOrder.LITTLE_ENDIAN);
    long at = range.at;
    while (content.hasRemaining()) {
      int from = (int) (at % BlockTree.BLOCK);
      int part = Math.min(content.remaining(), BlockTree.BLOCK - from);
      content.put(blocks.get(new Block(0, at / BlockTree.BLOCK)), from, part);
      at += part;
    }
    return content.flip();
  }

  /** Bytes as they come, each range by a request of its own. */
  private List<byte[]> fetched(List<Range> ranges) throws IOException {
    FileSystem system = path.getFileSystem(configuration);
    try (FSDataInputStream in =
        FutureIO.awaitFuture(
            system
                .openFile(path)
                // Known, so S3 is not asked.
                .opt(Options.OpenFileOptions.FS_OPTION_OPENFILE_LENGTH, Long.toString(file.bytes()))
                .opt(Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY, "vector, random")
                .build())) {
      List<FileRange> reads = new ArrayList<>();
      for (Range range : ranges) {
        FileRange read = FileRange.createFileRange(range.at, range.length);
        reads.add(read);
        // One at a time: together, those that lie near each other would be read with all between.
        in.readVectored(List.of(read), ByteBuffer::allocate);
      }
      List<byte[]> contents = new ArrayList<>();
      for (FileRange read : reads) {
        contents.add(content(in, read));
      }
      return contents;
    } catch (FileNotFoundException e) {
      throw new InvalidInputException(
          String.format(Locale.ROOT, "%s is missing; run prep again", path), e);
    }
  }

  private static byte[] content(FSDataInputStream in, FileRange read) throws IOException {
    byte[] content = new byte[read.getLength()];
    try {
      FutureIO.awaitFuture(read.getData()).get(content);
    } catch (FileNotFoundException | InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // An answer that broke off is asked for again only where it is read in order.
      in.readFully(read.getOffset(), content);
    }
    return content;
  }

  InvalidInputException damaged(String how, Exception cause) {
    return new InvalidInputException(
        String.format(Locale.ROOT, "%s is damaged: %s; run prep again", path, how), cause);
  }
}
