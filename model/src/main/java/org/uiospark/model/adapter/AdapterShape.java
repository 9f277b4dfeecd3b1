package org.uiospark.model.adapter;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.llama.LlamaConfig;

/**
 * The tensors of an adapter and their places in one flat float vector.
 *
 * <p>The order is that of the canonical names, so a gradient, a moment of the optimizer and the
 * adapter itself are vectors of the same layout.
 *
 * @param layers decoder layers of the base model
 * @param hiddenSize width D of the residual stream
 * @param queryWidth output width of {@code q_proj}
 * @param keyValueWidth output width of {@code k_proj} and {@code v_proj}
 * @param rank LoRA rank r
 * @param alpha LoRA alpha; the update is scaled by {@code alpha / rank}
 * @param repeat whether there is a {@code <repeat>} vector, which auto-encoding needs
 */
public record AdapterShape(
    int layers,
    int hiddenSize,
    int queryWidth,
    int keyValueWidth,
    int rank,
    double alpha,
    boolean repeat)
    implements Serializable {

  /** Name of the {@code <mem>} vector, {@code [D]}. */
  public static final String MEM_EMBEDDING = "mem_embedding";

  /** Name of the {@code <repeat>} vector, {@code [D]}. */
  public static final String REPEAT_EMBEDDING = "repeat_embedding";

  /** A gradient is one buffer of bytes in the memory of a task, and one array on the driver. */
  private static final int MOST = (Integer.MAX_VALUE - (1 << 20)) / Float.BYTES;

  /**
   * One tensor of the adapter.
   *
   * @param name canonical name
   * @param rows first dimension
   * @param columns second dimension, 0 for a vector
   * @param offset index of the first value in the flat vector
   */
  public record Slot(String name, int rows, int columns, int offset) {
    /** Number of values. */
    public int size() {
      return columns == 0 ? rows : rows * columns;
    }

    /** Whether it is a matrix B of LoRA, which {@code alpha / rank} scales. */
    public boolean isLoraB() {
      return name.endsWith("lora_B.weight");
    }

    /** The dimensions as safetensors lists them. */
    public long[] dimensions() {
      return columns == 0 ? new long[] {rows} : new long[] {rows, columns};
    }
  }

  /** Checks rank and alpha, and that all values fit in one vector. */
  public AdapterShape {
    if (layers < 1 || hiddenSize < 1 || queryWidth < 1 || keyValueWidth < 1) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "layers %d, hidden size %d, query width %d and key/value width %d must be positive",
              layers,
              hiddenSize,
              queryWidth,
              keyValueWidth));
    }
    if (rank < 1 || rank > hiddenSize) {
      throw new InvalidInputException(
          "rank " + rank + " is out of range: 1 to the hidden size " + hiddenSize);
    }
    if (!(alpha > 0) || Double.isInfinite(alpha)) {
      throw new InvalidInputException("alpha " + alpha + " is out of range: above 0");
    }
    if (size(layers, hiddenSize, queryWidth, keyValueWidth, rank, repeat) > MOST) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "an adapter of %d layers and rank %d has over %d values, the most of a gradient that one task sends; lower the rank",
              layers,
              rank,
              MOST));
    }
  }

  /** The shape without {@code <repeat>}. */
  public AdapterShape(
      int layers, int hiddenSize, int queryWidth, int keyValueWidth, int rank, double alpha) {
    this(layers, hiddenSize, queryWidth, keyValueWidth, rank, alpha, false);
  }

  private static double size(
      double layers,
      double hiddenSize,
      double queryWidth,
      double keyValueWidth,
      double rank,
      boolean repeat) {
    double vectors = repeat ? 2 : 1;
    return vectors * hiddenSize + layers * rank * (4 * hiddenSize + queryWidth + 3 * keyValueWidth);
  }

  /** The shape for a base model. */
  public static AdapterShape of(LlamaConfig config, int rank, double alpha) {
    return new AdapterShape(
        config.layers(),
        config.hiddenSize(),
        config.queryWidth(),
        config.keyValueWidth(),
        rank,
        alpha);
  }

  /** The same with a {@code <repeat>} vector. */
  public AdapterShape withRepeat() {
    return new AdapterShape(layers, hiddenSize, queryWidth, keyValueWidth, rank, alpha, true);
  }

  /** The same with another LoRA alpha. */
  public AdapterShape withAlpha(double otherAlpha) {
    return new AdapterShape(
        layers, hiddenSize, queryWidth, keyValueWidth, rank, otherAlpha, repeat);
  }

  /** Whether an adapter of this shape fits a base model. */
  public boolean fits(LlamaConfig config) {
    AdapterShape plain = of(config, rank, alpha);
    return equals(repeat ? plain.withRepeat() : plain);
  }

  /** Scale of the LoRA update, {@code alpha / rank}. */
  public double scale() {
    return alpha / rank;
  }

  /** All tensors, sorted by name, with their offsets. */
  public List<Slot> slots() {
    record Entry(String name, int rows, int columns) {}
    List<Entry> entries = new ArrayList<>();
    entries.add(new Entry(MEM_EMBEDDING, hiddenSize, 0));
    if (repeat) {
      entries.add(new Entry(REPEAT_EMBEDDING, hiddenSize, 0));
    }
    for (int i = 0; i < layers; i++) {
      for (String target :
          List.of(
              "encoder.layers.%d.self_attn.q_proj",
              "encoder.layers.%d.self_attn.v_proj",
              "transfer.layers.%d.self_attn.k_proj",
              "transfer.layers.%d.self_attn.v_proj")) {
        String name = String.format(Locale.ROOT, target, i);
        int width = target.contains("q_proj") ? queryWidth : keyValueWidth;
        entries.add(new Entry(name + ".lora_A.weight", rank, hiddenSize));
        entries.add(new Entry(name + ".lora_B.weight", width, rank));
      }
    }
    entries.sort(Comparator.comparing(Entry::name));
    List<Slot> slots = new ArrayList<>(entries.size());
    int offset = 0;
    for (Entry entry : entries) {
      Slot slot = new Slot(entry.name(), entry.rows(), entry.columns(), offset);
      slots.add(slot);
      offset += slot.size();
    }
    return slots;
  }

  /** Number of values of the flat vector. */
  public int size() {
    return (int) size(layers, hiddenSize, queryWidth, keyValueWidth, rank, repeat);
  }
}
