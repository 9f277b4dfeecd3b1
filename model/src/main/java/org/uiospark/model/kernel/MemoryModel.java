package org.uiospark.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.uiospark.model.adapter.Adapter;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.segment.AtOnce;
import org.uiospark.model.segment.SegmentSettings;

/**
 * A frozen model that reads segment by segment: encoder, transfer head and decoder (arXiv
 * 2406.18173, section 3) for one shape of adapter and one way to cut text.
 *
 * <p>Immutable once built and shared by threads; what a sequence changes lives in its {@link
 * MemoryBank}. Another way to cut text shares all but a mask and some positions: {@link #with}.
 */
public final class MemoryModel implements AutoCloseable {
  private final FrozenLlama base;
  private final SegmentSettings segments;
  private final AdapterShape shape;
  private final AtOnce atOnce;
  private final Kernels kernels;
  private final NDManager manager;
  private final RotaryTable encoderPositions;
  private final NDArray encoderMask;
  private final Staging staging;

  /** The one that the others were made of, which owns what they share, and them. */
  private final MemoryModel first;

  private final Map<Integer, MemoryModel> others = new ConcurrentHashMap<>();
  private RotaryTable positions;

  /**
   * Computes with the threads that the engine was started with.
   *
   * @param base the frozen model; stays open when this closes
   * @param segments how text is cut and compressed
   * @param shape shape of the adapters to run
   */
  public MemoryModel(FrozenLlama base, SegmentSettings segments, AdapterShape shape) {
    this(base, segments, shape, Arithmetic.ofEngine());
  }

  /**
   * @param arithmetic how a CPU computes
   */
  public MemoryModel(
      FrozenLlama base, SegmentSettings segments, AdapterShape shape, Arithmetic arithmetic) {
    this(base, segments, shape, arithmetic, AtOnce.on(base.device()), Kernels.source());
  }

  /**
   * @param atOnce what suits the device, or another
   * @param source of the kernels
   */
  MemoryModel(
      FrozenLlama base,
      SegmentSettings segments,
      AdapterShape shape,
      Arithmetic arithmetic,
      AtOnce atOnce,
      String source) {
    LlamaConfig config = base.config();
    if (!shape.fits(config)) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "adapter of %s does not fit the base model %s", shape, config));
    }
    config.requireReach(segments.segmentLength());
    this.base = base;
    this.segments = segments;
    this.shape = shape;
    this.atOnce = atOnce;
    this.kernels =
        new Kernels(
            config,
            shape.scale(),
            base.device(),
            arithmetic.on(base.device(), base.precision()),
            atOnce,
            source);
    this.manager = base.newManager();
    this.staging = new Staging();
    this.first = this;
    this.encoderPositions = encoderPositions(manager, config, segments);
    this.encoderMask = encoderMask(manager, segments);
  }

  private MemoryModel(MemoryModel first, SegmentSettings segments) {
    this.base = first.base;
    this.segments = segments;
    this.shape = first.shape;
    this.atOnce = first.atOnce;
    this.kernels = first.kernels;
    this.manager = first.manager;
    this.staging = first.staging;
    this.first = first;
    this.encoderPositions = encoderPositions(manager, base.config(), segments);
    this.encoderMask = encoderMask(manager, segments);
  }

  /**
   * The same model for another number of memory tokens a segment. It is made once, shares the base,
   * the kernels and the adapters with this one, and closes with it.
   */
  public MemoryModel with(int memoryTokens) {
    return memoryTokens == first.segments.memoryTokens()
        ? first
        : first.others.computeIfAbsent(memoryTokens, first::other);
  }

  private MemoryModel other(int memoryTokens) {
    return new MemoryModel(this, new SegmentSettings(segments.segmentLength(), memoryTokens));
  }

  /** Token j has position j; memory token i has {@code (i + 1) * l / m}. */
  private static RotaryTable encoderPositions(
      NDManager manager, LlamaConfig config, SegmentSettings segments) {
    int l = segments.segmentLength();
    int cover = l / segments.memoryTokens();
    IntStream memories = IntStream.rangeClosed(1, segments.memoryTokens()).map(i -> i * cover);
    int[] positions = IntStream.concat(IntStream.range(0, l), memories).toArray();
    return RotaryTable.of(manager, positions, config, l + 1);
  }

  /** Memory token i sees tokens below {@code (i + 1) * l / m} and itself: 0, else -inf. */
  private static NDArray encoderMask(NDManager manager, SegmentSettings segments) {
    int l = segments.segmentLength();
    int m = segments.memoryTokens();
    float[] mask = new float[m * (l + m)];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < l + m; j++) {
        boolean seen = j < (i + 1) * (l / m) || j == l + i;
        mask[i * (l + m) + j] = seen ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(FloatBuffer.wrap(mask), new Shape(m, l + m));
  }

  /** The frozen model. */
  public FrozenLlama base() {
    return base;
  }

  /** How text is cut and compressed. */
  public SegmentSettings segments() {
    return segments;
  }

  /** Shape of the adapters that run here. */
  public AdapterShape shape() {
    return shape;
  }

  /** How much of a sequence its device computes at once. */
  public AtOnce atOnce() {
    return atOnce;
  }

  /** Copies an adapter to the device. */
  public DeviceAdapter upload(Adapter adapter) {
    DeviceAdapter uploaded = new DeviceAdapter(base.newManager(), shape, kernels, base.precision());
    overwrite(uploaded, adapter);
    return uploaded;
  }

  /**
   * Copies an adapter into the place of another one.
   *
   * @param before read by nobody at this moment
   */
  public void overwrite(DeviceAdapter before, Adapter adapter) {
    if (!adapter.shape().equals(shape)) {
      throw new IllegalArgumentException(adapter.shape() + " is not " + shape);
    }
    int largest = shape.slots().stream().mapToInt(AdapterShape.Slot::size).max().orElseThrow();
    staging.lend(
        Math.multiplyExact(largest, Float.BYTES), buffer -> before.set(adapter, kernels, buffer));
  }

  /**
   * RoPE at the positions from 0 to at least {@code reach} - 1, as it is while they are few enough
   * not to change it. A table that is outgrown stays until the model closes, for others may be
   * reading it; each is twice the one before.
   */
  RotaryTable positions(int reach) {
    return first.grown(reach);
  }

  private synchronized RotaryTable grown(int reach) {
    long rows = positions == null ? 0 : positions.cos().getShape().get(0);
    if (rows < Math.max(1, reach)) {
      int size = Math.toIntExact(Math.max(Math.max(1, reach), 2 * rows));
      positions = RotaryTable.of(manager, IntStream.range(0, size).toArray(), base.config(), 1);
    }
    return positions;
  }

  /** A bank for one sequence, with room for {@code rows} memories and what is added to them. */
  public MemoryBank bank(int rows) {
    return bank(0, rows);
  }

  /**
   * A part of a bank.
   *
   * @param first row of the whole bank that is the first one here
   * @param rows room
   */
  public MemoryBank bank(int first, int rows) {
    return new MemoryBank(this, first, rows);
  }

  Staging staging() {
    return staging;
  }

  /**
   * Encodes whole segments, without a way back.
   *
   * @param ids {@code [B * l]}
   * @return their memories one after the other, {@code [L, B * m, D]}, owned by the manager of
   *     {@code ids}
   */
  public NDArray encode(NDArray ids, DeviceAdapter adapter) {
    return EncodedSegments.inRows(
        kernels
            .run(
                new KernelCall.Encode(
                    rows(ids), encoderPositions, encoderMask, base.weights(), adapter.tensors()))
            .head());
  }

  /**
   * Encodes whole segments and keeps what their gradient needs.
   *
   * @param ids {@code [B * l]}
   * @return memories and tape, owned by the manager of {@code ids}
   */
  public EncodedSegments encodeWithTape(NDArray ids, DeviceAdapter adapter) {
    return EncodedSegments.of(
        kernels.run(
            new KernelCall.EncodeWithTape(
                rows(ids), encoderPositions, encoderMask, base.weights(), adapter.tensors())));
  }

  /**
   * Adds the gradient of {@code <mem>} and of the encoder.
   *
   * @param towards {@code dJ/dmemory}, {@code [L, B * m, D]}
   * @param encoded with its tape
   * @param gradient added to
   */
  public void propagate(NDArray towards, EncodedSegments encoded, AdapterGradient gradient) {
    Shape shape = towards.getShape();
    kernels.run(
        new KernelCall.EncodeGradient(
            towards.reshape(shape.get(0), -1, segments.memoryTokens(), shape.get(2)),
            encoderPositions,
            encoderMask,
            encoded.tape(),
            base.weights(),
            gradient.adapter().tensors(),
            gradient.tensors()));
  }

  /**
   * A copy of memories.
   *
   * @param memory {@code [L, M, D]}
   * @param owner its device gets the copy
   */
  public NDArray copy(NDArray memory, NDManager owner) {
    NDArray copy = kernels.empty(owner, base.precision(), memory.getShape());
    kernels.copyRows(memory, copy, 0);
    return copy;
  }

  /**
   * A memory in the type of the base, to be sent elsewhere.
   *
   * @param memory {@code [L, m, D]}
   */
  public byte[] bytes(NDArray memory) {
    RowBytes rows = new RowBytes(this);
    ByteBuffer bytes = rows.room(Math.toIntExact(memory.size()));
    rows.read(memory, 0, segments.memoryTokens(), bytes);
    return bytes.array();
  }

  /**
   * The memory that gave such bytes, {@code [L, m, D]}.
   *
   * @param owner of it
   */
  public NDArray memory(byte[] bytes, NDManager owner) {
    LlamaConfig config = base.config();
    Shape shape = new Shape(config.layers(), segments.memoryTokens(), config.hiddenSize());
    NDArray memory = kernels.empty(owner, base.precision(), shape);
    new RowBytes(this).write(ByteBuffer.wrap(bytes), base.precision(), memory, 0);
    return memory;
  }

  private NDArray rows(NDArray ids) {
    return ids.reshape(-1, segments.segmentLength());
  }

  Kernels kernels() {
    return kernels;
  }

  /** Tokens as int64 on the device, {@code [n]}. */
  public static NDArray tokens(NDManager manager, int[] ids, int from, int to) {
    long[] values = new long[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = ids[i];
    }
    return manager.create(LongBuffer.wrap(values), new Shape(values.length), DataType.INT64);
  }

  /** Closes all that {@link #with} made of it, too; one of those does not close alone. */
  @Override
  public void close() {
    if (first == this) {
      manager.close();
      kernels.close();
    }
  }
}
