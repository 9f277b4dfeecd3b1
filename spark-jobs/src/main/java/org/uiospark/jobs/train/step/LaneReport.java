package org.uiospark.jobs.train.step;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.uiospark.data.settings.Objective;

/**
 * What one lane tells the driver, apart from its gradient.
 *
 * @param sequences those that it computed, in their order
 * @param refusal why its input cannot be used, for the user; null if it can
 */
record LaneReport(ArrayList<Sequence> sequences, String refusal) implements Serializable {

  /**
   * One sequence.
   *
   * @param name for messages
   * @param objective what it is trained for
   * @param lossSum summed over its valid labels, in nats; not finite if its gradient is of no use
   * @param validLabels how many of its labels count
   * @param tokens read
   * @param computeNanos time spent on its gradient
   */
  record Sequence(
      String name,
      Objective objective,
      double lossSum,
      long validLabels,
      long tokens,
      long computeNanos)
      implements Serializable {}

  /** A lane whose input cannot be used, and why. */
  static LaneReport refused(String why) {
    return new LaneReport(new ArrayList<>(), why);
  }

  /** Whether its gradient can be added: nothing was refused, and every loss is finite. */
  boolean isUseful() {
    return refusal == null
        && sequences.stream().allMatch(sequence -> Double.isFinite(sequence.lossSum()));
  }

  /** The same after some more time spent on its one sequence. */
  LaneReport after(long nanos) {
    Sequence one = sequences.get(0);
    Sequence later =
        new Sequence(
            one.name,
            one.objective,
            one.lossSum,
            one.validLabels,
            one.tokens,
            one.computeNanos + nanos);
    return new LaneReport(new ArrayList<>(List.of(later)), refusal);
  }

  /** The names of its sequences. */
  String names() {
    return sequences.stream().map(Sequence::name).collect(Collectors.joining("; "));
  }

  long validLabels() {
    return sequences.stream().mapToLong(Sequence::validLabels).sum();
  }

  long computeNanos() {
    return sequences.stream().mapToLong(Sequence::computeNanos).sum();
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static LaneReport decode(byte[] encoded) {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(encoded))) {
      return (LaneReport) in.readObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("driver and executors run different versions", e);
    }
  }
}
