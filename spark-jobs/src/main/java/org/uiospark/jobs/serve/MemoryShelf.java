package org.uiospark.jobs.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.storage.AtomicWrite;
import org.uiospark.data.storage.InputFile;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.memory.StoredMemory;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.input.Sha256;
import org.uiospark.model.input.UnicodeReader;
import org.uiospark.model.memory.EncodedRows;
import org.uiospark.model.memory.MemoryFile;
import org.uiospark.model.memory.MemoryHeader;
import org.uiospark.model.memory.MemoryLayout;
import org.uiospark.model.memory.StoredRows;
import org.uiospark.model.memory.TextPrefixes;
import org.uiospark.model.reading.MemoryReader;
import org.uiospark.model.reading.SegmentEncoder;
import org.uiospark.model.safetensors.FileBytes;
import org.uiospark.model.text.PieceEncoder.Seam;

/**
 * Texts that are memorized: a file each, and the banks of those that were asked last, as many as
 * the cache holds. A bank serves one worker at a time; where two read one text at once it is loaded
 * twice.
 */
final class MemoryShelf implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryShelf.class);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");
  private static final String ENDING = ".safetensors";
  private static final String DAMAGED = "damaged_memory";

  /** Segments at most that are encoded before somebody looks whether they are still wanted. */
  private static final int PIECE = 16;

  private final ServedModel model;
  private final OutputFolder folder;
  private final Configuration configuration;
  private final MemoryLayout layout;
  private final int segmentLength;
  private final long cacheBytes;
  private final Metrics metrics;

  /** Those that no request reads, the one that was read last at the end. */
  private final Deque<Bank> idle = new ArrayDeque<>();

  private long idleBytes;

  /**
   * Memories of a text in a reader.
   *
   * @param text which it is
   * @param reader stands behind all whole segments, and has read the tokens behind them that stay
   *     whatever follows
   * @param seam what follows the whole segments
   */
  record Bank(StoredText text, MemoryReader reader, Seam seam) {
    private long bytes(MemoryLayout layout) {
      return reader.capacity() * layout.memoryBytes();
    }
  }

  /**
   * A text that is to be memorized.
   *
   * @param text what is read
   * @param sha256 of its file, or of its record as UTF-8, as memorize names it
   */
  record Given(String text, String sha256) {
    /** A field of a record. */
    static Given record(String text) {
      // A lone surrogate has no UTF-8, and the name is to be that of what is read.
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return new Given(new String(bytes, StandardCharsets.UTF_8), Sha256.hex(bytes));
    }

    /**
     * A file, whose byte order mark is no part of the text.
     *
     * @throws CharacterCodingException if it is no text
     */
    static Given file(byte[] bytes) throws CharacterCodingException {
      return new Given(UnicodeReader.strict(ByteBuffer.wrap(bytes)), Sha256.hex(bytes));
    }
  }

  /**
   * @param folder of the files, which is made where it is not there
   */
  MemoryShelf(
      ServedModel model,
      OutputFolder folder,
      Configuration configuration,
      Limits limits,
      Metrics metrics) {
    this.model = model;
    this.folder = folder;
    this.configuration = configuration;
    this.layout = MemoryLayout.of(model.memory());
    this.segmentLength = model.origin().segmentLength();
    this.cacheBytes = limits.cacheBytes();
    this.metrics = metrics;
    folder.create();
  }

  /**
   * What is known of a text.
   *
   * @throws Refusal if there is no memory of that name, or it was made with something else
   */
  StoredText find(String id) {
    try (MemoryFile file = open(id)) {
      return text(id, file);
    }
  }

  private static StoredText text(String id, MemoryFile file) {
    return new StoredText(id, file.header().tokens(), file.header().segments());
  }

  private MemoryFile open(String id) {
    // What comes from outside becomes the name of a file.
    if (!ID.matcher(id).matches() || !folder.has(id + ENDING)) {
      throw new Refusal(
          Refusal.NOT_FOUND,
          "memory_not_found",
          "there is no memory of that id; POST its text to /v1/memories");
    }
    MemoryFile file;
    try {
      file = StoredMemory.open(InputFile.name(folder.file(id + ENDING)), configuration);
    } catch (InvalidInputException e) {
      throw damaged(id, e);
    }
    try {
      model.origin().require("the memory " + id, file.header().origin());
      return file;
    } catch (InvalidInputException e) {
      file.close();
      throw new Refusal(Refusal.CONFLICT, "other_memory", e.getMessage());
    }
  }

  /**
   * Who asks did nothing wrong, and can have it made again, unless it is the storage that fails;
   * where the file lies is in the log.
   */
  private static Refusal damaged(String id, InvalidInputException why) {
    LOG.warn("A memory that was asked for cannot be read: {}", why.getMessage());
    return why.getCause() instanceof IOException
        ? new Refusal(
            Refusal.BROKEN, "unreadable_memory", "the memory " + id + " cannot be read now")
        : new Refusal(
            Refusal.BROKEN,
            DAMAGED,
            "the memory " + id + " is damaged; POST its text to /v1/memories again");
  }

  /**
   * The memories of a text, for the requests of one worker.
   *
   * @throws Refusal as {@link #find} does
   */
  Bank take(String id) {
    try (MemoryFile file = open(id)) {
      Bank known = known(id);
      if (known != null) {
        metrics.countCached();
        return known;
      }
      metrics.countLoaded();
      MemoryReader reader = model.reader();
      try {
        file.load(layout, reader);
        Seam seam = model.encoder().seam(file.rest());
        reader.readAhead(seam.kept());
        return new Bank(text(id, file), reader, seam);
      } catch (InvalidInputException e) {
        reader.close();
        throw damaged(id, e);
      } catch (RuntimeException | Error e) {
        reader.close();
        throw e;
      }
    }
  }

  private synchronized Bank known(String id) {
    Iterator<Bank> latestFirst = idle.descendingIterator();
    while (latestFirst.hasNext()) {
      Bank bank = latestFirst.next();
      if (bank.text().id().equals(id)) {
        latestFirst.remove();
        idleBytes -= bank.bytes(layout);
        return bank;
      }
    }
    return null;
  }

  /** Keeps memories that no request reads any more, where the cache has room for them. */
  synchronized void giveBack(Bank bank) {
    if (bank.bytes(layout) > cacheBytes) {
      bank.reader().close();
      return;
    }
    idle.addLast(bank);
    idleBytes += bank.bytes(layout);
    while (idleBytes > cacheBytes) {
      Bank oldest = idle.removeFirst();
      idleBytes -= oldest.bytes(layout);
      oldest.reader().close();
    }
  }

  /** Bytes of the banks that no request reads. */
  synchronized long idleBytes() {
    return idleBytes;
  }

  /**
   * Memorizes a text, unless it is. The file has the bytes that {@code memorize} would give it.
   *
   * @param given the text
   * @param most tokens that it may have
   * @param reply is asked now and then whether anybody waits
   */
  StoredText memorize(Given given, int most, Reply reply) {
    String id = given.sha256();
    if (folder.has(id + ENDING)) {
      try {
        return find(id);
      } catch (Refusal e) {
        if (!e.code().equals(DAMAGED)) {
          throw e;
        }
        // It is not whole, so it is made again.
      }
    }
    int[] ids = model.tokens(given.text(), most);
    TextPrefixes prefixes = new TextPrefixes(segmentLength);
    prefixes.add(ids, 0, ids.length);
    MemoryHeader header = new MemoryHeader(model.origin(), ids.length, id);
    List<Path> parts = new ArrayList<>();
    List<StoredRows> rows = new ArrayList<>();
    try {
      encode(ids, header.segments(), parts, rows, reply);
      AtomicWrite.replace(
          folder.fs(),
          folder.file(id + ENDING),
          out -> MemoryFile.write(out, header, layout, rows, prefixes));
    } catch (IOException e) {
      throw new UncheckedIOException("the memory " + id + " could not be written", e);
    } finally {
      remove(parts);
    }
    return new StoredText(id, ids.length, header.segments());
  }

  /** What is encoded waits on the disk: all of it need not fit the heap. */
  private void encode(int[] ids, int segments, List<Path> parts, List<StoredRows> rows, Reply reply)
      throws IOException {
    SegmentEncoder encoder = new SegmentEncoder(model.memory(), model.adapter());
    int most = layout.pieceSegments(model.origin().memoryTokens(), PIECE);
    for (int from = 0; from < segments; from += most) {
      reply.requireWanted();
      int to = Math.min(from + most, segments);
      int[] piece = Arrays.copyOfRange(ids, from * segmentLength, to * segmentLength);
      EncodedRows encoded = new EncodedRows(layout, encoder.encodeEach(from, piece));
      Path part = Files.createTempFile("uio-rows-", null);
      parts.add(part);
      try (OutputStream out = Files.newOutputStream(part)) {
        encoded.writeTo(out);
      }
      rows.add(new StoredRows(layout, encoded.rows(), new FileBytes.OnDemand(part)));
    }
  }

  private static void remove(List<Path> parts) {
    try {
      for (Path part : parts) {
        Files.delete(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("temporary files could not be removed", e);
    }
  }

  @Override
  public synchronized void close() {
    idle.forEach(bank -> bank.reader().close());
    idle.clear();
  }
}
