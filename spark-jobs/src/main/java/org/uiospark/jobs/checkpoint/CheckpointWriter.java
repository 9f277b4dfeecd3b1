package org.uiospark.jobs.checkpoint;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.uiospark.jobs.settings.RetentionSettings;

/**
 * Writes checkpoints while training goes on: one thread, one checkpoint at a time, after each the
 * deletion of those that it supersedes. A write that failed is told at the next checkpoint or at
 * the end, whichever comes first.
 */
public final class CheckpointWriter implements AutoCloseable {
  private final CheckpointStore store;
  private final Retention retention;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(work -> new Thread(work, "checkpoint-writer"));
  private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);

  /**
   * @param store where they go
   * @param keep which of them stay
   */
  public CheckpointWriter(CheckpointStore store, RetentionSettings keep) {
    this.store = store;
    this.retention = new Retention(store, keep);
  }

  /**
   * Waits until the checkpoint before is whole, then starts to write this one.
   *
   * @param snapshot asked for after that wait, so that only one is in memory; it belongs to the
   *     writer: no vector of it may change any more
   * @param losses of its step
   * @throws RuntimeException what made the write before fail; this checkpoint is not written then
   */
  public void write(Supplier<Checkpoint> snapshot, Losses losses) {
    await();
    Checkpoint checkpoint = snapshot.get();
    writing = CompletableFuture.runAsync(() -> save(checkpoint, losses), thread);
  }

  private void save(Checkpoint checkpoint, Losses losses) {
    store.save(checkpoint, losses);
    retention.apply(checkpoint.state());
  }

  /**
   * Waits until the last checkpoint is whole.
   *
   * @throws RuntimeException what made its write fail
   */
  @Override
  public void close() {
    try {
      await();
    } finally {
      thread.shutdown();
    }
  }

  private void await() {
    CompletableFuture<Void> last = writing;
    // This one's failure is told now, and not once more at the next.
    writing = CompletableFuture.completedFuture(null);
    try {
      last.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
