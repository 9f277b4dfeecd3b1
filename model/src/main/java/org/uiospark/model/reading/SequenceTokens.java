package org.uiospark.model.reading;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/**
 * Tokens and targets of a sequence on a device, copied there once: after every copy the host waits
 * until the device has done what it was asked for before.
 */
public final class SequenceTokens implements AutoCloseable {
  private final SegmentReader reader;
  private final NDManager manager;
  private final NDArray ids;
  private final NDArray targets;

  /**
   * @param device whose device gets them; it must outlive this
   */
  public SequenceTokens(NDManager device, SegmentReader reader) {
    this.reader = reader;
    this.manager = device.newSubManager();
    this.ids = reader.ids(manager);
    this.targets = reader.targets(manager);
  }

  /**
   * The tokens of some segments one after the other, {@code [n]}.
   *
   * @param owner of the result
   * @param from the first of them
   * @param to the one behind the last
   */
  public NDArray ids(NDManager owner, int from, int to) {
    return idsFrom(owner, reader.start(from), to - 1);
  }

  /** Tokens from {@code token} up to the end of segment t. */
  public NDArray idsFrom(NDManager owner, int token, int t) {
    return part(ids, owner, token, reader.start(t + 1));
  }

  /** What each token of segment t predicts, {@code [n]}; -100 does not count. */
  public NDArray targets(NDManager owner, int t) {
    return part(targets, owner, reader.start(t), reader.start(t + 1));
  }

  private static NDArray part(NDArray whole, NDManager owner, int from, int to) {
    NDArray part = whole.get(new NDIndex().addSliceDim(from, to));
    part.attach(owner);
    return part;
  }

  @Override
  public void close() {
    manager.close();
  }
}
