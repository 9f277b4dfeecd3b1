package org.uiospark.jobs.task;

import ai.djl.Device;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.uiospark.jobs.exchange.LanePart;
import org.uiospark.model.gradient.SequenceChunk;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.MemoryBank;
import org.uiospark.model.kernel.MemoryModel;

/**
 * The memories of a sequence on a device of this executor, which the tasks that decode its chunks
 * share: each is fetched once. It stays for the next such task until another sequence, or another
 * stage, needs the room.
 */
public final class SequenceBank implements AutoCloseable {
  private record Key(Device device, String sequence) {}

  private static final Map<Key, SequenceBank> HELD = new HashMap<>();

  private final MemoryBank bank;
  private final int memoryTokens;
  private final BasePrecision precision;
  private final Map<Integer, Long> encodeNanos = new HashMap<>();
  private int users;

  private SequenceBank(MemoryModel model, int rows) {
    this.bank = model.bank(rows);
    this.precision = model.base().precision();
    this.memoryTokens = model.segments().memoryTokens();
  }

  /**
   * The bank of a sequence, for a task that closes it when it is done.
   *
   * @param sequence a name of it in its step that no other has
   * @param rows of all its memories
   */
  public static SequenceBank take(String sequence, Device device, MemoryModel model, int rows) {
    synchronized (HELD) {
      Key key = new Key(device, sequence);
      if (!HELD.containsKey(key)) {
        dropIdle(device);
        HELD.put(key, new SequenceBank(model, rows));
      }
      SequenceBank bank = HELD.get(key);
      bank.users++;
      return bank;
    }
  }

  /** Frees what no task uses at this moment. */
  public static void dropIdle(Device device) {
    synchronized (HELD) {
      HELD.entrySet()
          .removeIf(
              held -> {
                boolean idle = held.getKey().device().equals(device) && held.getValue().users == 0;
                if (idle) {
                  held.getValue().bank.close();
                }
                return idle;
              });
    }
  }

  /**
   * Makes sure that the memories of the first chunks of the sequence are here.
   *
   * @param chunks the first ones
   * @param memories of a chunk by its number, asked where they are not here yet
   * @throws InvalidInputException if the lane of a chunk could not use its input
   */
  public void fill(List<SequenceChunk> chunks, IntFunction<LanePart> memories) {
    for (int i = 0; i < chunks.size(); i++) {
      fill(i, chunks.get(i), memories);
    }
  }

  /** Whoever waits for an early chunk does not wait for the late ones that another task wants. */
  private synchronized void fill(int i, SequenceChunk chunk, IntFunction<LanePart> memories) {
    if (encodeNanos.containsKey(i)) {
      return;
    }
    LanePart part = memories.apply(i);
    byte[] rows = part.array();
    if (chunk.memories() > 0) {
      bank.put(chunk.from() * memoryTokens, rows, precision);
    }
    encodeNanos.put(i, part.number());
  }

  /** The rows, of which those of the chunks that were filled are there. */
  public MemoryBank rows() {
    return bank;
  }

  /** Time that encoding a chunk took, wherever that was. */
  public synchronized long encodeNanos(int chunk) {
    return encodeNanos.get(chunk);
  }

  @Override
  public void close() {
    synchronized (HELD) {
      users--;
    }
  }
}
