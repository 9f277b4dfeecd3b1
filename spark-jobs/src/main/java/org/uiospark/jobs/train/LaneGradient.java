package org.uiospark.jobs.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What one lane gives.
 *
 * <p>It travels as plain bytes, which any serializer that Spark is told to use passes on as they
 * are.
 *
 * @param sequences names of its sequences, for messages
 * @param lossSum cross-entropy summed over all valid labels, in nats
 * @param validLabels number of labels that count
 * @param tokens number of tokens read
 * @param computeNanos time spent on the gradients of its sequences: neither sending nor encoding
 * @param refusal why its input cannot be used, for the user; empty if it can
 * @param values gradient of the loss sum in the layout of the adapter; empty if it is of no use
 */
record LaneGradient(
    String sequences,
    double lossSum,
    long validLabels,
    long tokens,
    long computeNanos,
    String refusal,
    float[] values) {
  private static final int HEADER = Double.BYTES + 3 * Long.BYTES + 2 * Integer.BYTES;

  static LaneGradient empty() {
    return new LaneGradient("", 0, 0, 0, 0, "", new float[0]);
  }

  static LaneGradient refused(String why) {
    return new LaneGradient("", 0, 0, 0, 0, why, new float[0]);
  }

  /** With one more sequence. */
  LaneGradient plus(String name, double loss, long labels, long read, long nanos) {
    return new LaneGradient(
        sequences.isEmpty() ? name : sequences + "; " + name,
        lossSum + loss,
        validLabels + labels,
        tokens + read,
        computeNanos + nanos,
        refusal,
        values);
  }

  /** With the gradient, where that is finite. */
  LaneGradient with(float[] gradient) {
    for (float value : gradient) {
      if (!Float.isFinite(value)) {
        return this;
      }
    }
    return new LaneGradient(
        sequences, lossSum, validLabels, tokens, computeNanos, refusal, gradient);
  }

  boolean isFinite() {
    return Double.isFinite(lossSum) && values.length > 0;
  }

  byte[] encode() {
    byte[] names = sequences.getBytes(StandardCharsets.UTF_8);
    byte[] why = refusal.getBytes(StandardCharsets.UTF_8);
    long size = HEADER + names.length + why.length + (long) values.length * Float.BYTES;
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putDouble(lossSum).putLong(validLabels).putLong(tokens).putLong(computeNanos);
    bytes.putInt(names.length).put(names);
    bytes.putInt(why.length).put(why);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static LaneGradient decode(byte[] encoded) {
    ByteBuffer bytes = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
    double lossSum = bytes.getDouble();
    long validLabels = bytes.getLong();
    long tokens = bytes.getLong();
    long computeNanos = bytes.getLong();
    String sequences = text(bytes);
    String refusal = text(bytes);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return new LaneGradient(sequences, lossSum, validLabels, tokens, computeNanos, refusal, values);
  }

  private static String text(ByteBuffer bytes) {
    byte[] text = new byte[bytes.getInt()];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
