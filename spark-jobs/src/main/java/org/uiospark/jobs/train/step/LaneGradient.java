package org.uiospark.jobs.train.step;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * What one lane gives to the step, besides its gradient.
 *
 * <p>It travels as plain bytes, which any serializer that Spark is told to use passes on as they
 * are; the gradient is written into them and read from them in place.
 *
 * @param sequences names of its sequences, for messages
 * @param lossSum cross-entropy summed over all valid labels, in nats
 * @param validLabels number of labels that count
 * @param tokens number of tokens read
 * @param computeNanos time spent on the gradients of its sequences: neither sending nor encoding
 * @param refusal why its input cannot be used, for the user; empty if it can
 */
record LaneGradient(
    String sequences,
    double lossSum,
    long validLabels,
    long tokens,
    long computeNanos,
    String refusal) {
  private static final int HEADER = Double.BYTES + 3 * Long.BYTES + 2 * Integer.BYTES;

  /** A lane as it arrives, with the gradient of its loss sum in the layout of the adapter. */
  record Received(LaneGradient lane, FloatBuffer values) {}

  /** A lane that has read no sequence yet. */
  static LaneGradient empty() {
    return new LaneGradient("", 0, 0, 0, 0, "");
  }

  /** A lane whose input cannot be used, and why. */
  static LaneGradient refused(String why) {
    return new LaneGradient("", 0, 0, 0, 0, why);
  }

  /**
   * The lane with one more sequence.
   *
   * @param loss summed over its valid labels, in nats
   * @param labels how many of its labels count
   * @param read its tokens
   * @param nanos time spent on its gradient
   */
  LaneGradient plus(String name, double loss, long labels, long read, long nanos) {
    return new LaneGradient(
        sequences.isEmpty() ? name : sequences + "; " + name,
        lossSum + loss,
        validLabels + labels,
        tokens + read,
        computeNanos + nanos,
        refusal);
  }

  /** The bytes of a lane that has no gradient of any use. */
  byte[] encode() {
    return encode(0, none -> {});
  }

  /**
   * The bytes of a lane and its gradient.
   *
   * @param size number of values of the gradient
   * @param gradient writes them, in the layout of the adapter
   */
  byte[] encode(int size, Consumer<FloatBuffer> gradient) {
    byte[] names = sequences.getBytes(StandardCharsets.UTF_8);
    byte[] why = refusal.getBytes(StandardCharsets.UTF_8);
    long length = HEADER + names.length + why.length + (long) size * Float.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putDouble(lossSum).putLong(validLabels).putLong(tokens).putLong(computeNanos);
    bytes.putInt(names.length).put(names);
    bytes.putInt(why.length).put(why);
    gradient.accept(bytes.asFloatBuffer());
    return bytes.array();
  }

  /** Reads the bytes; the gradient stays in them. */
  static Received decode(byte[] encoded) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    double lossSum = bytes.getDouble();
    long validLabels = bytes.getLong();
    long tokens = bytes.getLong();
    long computeNanos = bytes.getLong();
    String sequences = text(bytes);
    String refusal = text(bytes);
    LaneGradient lane =
        new LaneGradient(sequences, lossSum, validLabels, tokens, computeNanos, refusal);
    return new Received(lane, bytes.asFloatBuffer());
  }

  private static String text(ByteBuffer bytes) {
    byte[] text = new byte[bytes.getInt()];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
