package org.uiospark.jobs.train.reduce;

import org.apache.spark.Partitioner;

/**
 * The keys of the shuffle. A key says both which partition a part goes to and, within it, the place
 * of its lane, so that parts sorted by key come in the order of the lanes. Shard s goes to
 * partition s, reports to the one behind the last shard.
 */
final class LaneKey extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final Shards shards;
  private final int lanes;

  /**
   * @param lanes of the step
   */
  LaneKey(Shards shards, int lanes) {
    this.shards = shards;
    this.lanes = lanes;
  }

  Shards shards() {
    return shards;
  }

  int lanes() {
    return lanes;
  }

  int ofShard(int shard, int lane) {
    return shard * lanes + lane;
  }

  int ofReport(int lane) {
    return ofShard(shards.count(), lane);
  }

  /** Whether a partition holds the reports. */
  boolean isOfReports(int partition) {
    return partition == shards.count();
  }

  int lane(int key) {
    return key % lanes;
  }

  @Override
  public int numPartitions() {
    return shards.count() + 1;
  }

  @Override
  public int getPartition(Object key) {
    return (Integer) key / lanes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LaneKey that && that.shards.equals(shards) && that.lanes == lanes;
  }

  @Override
  public int hashCode() {
    return 31 * shards.hashCode() + lanes;
  }
}
