package org.uiospark.data.prep;

import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.HadoopSettings;

/** The shards of a run as Spark tasks, which write what is new in them. */
record ShardRuns(
    PrepSettings settings,
    Broadcast<byte[]> tokenizer,
    Broadcast<ChatConfig> chat,
    String folder,
    HadoopSettings hadoop)
    implements Serializable {
  /** Runs shards of which nothing is left out, the first of the list first. */
  List<ShardResult> run(JavaSparkContext context, List<Shard> shards) {
    return context.parallelize(shards, shards.size()).map(shard -> run(shard, Map.of())).collect();
  }

  /**
   * Runs shards, the first of the list first.
   *
   * @param leftOut what is left out of each, by the numbers of its slices
   */
  List<ShardResult> run(
      JavaSparkContext context, List<Shard> shards, JavaRDD<Map<Integer, LeftOut>> leftOut) {
    // Both have a partition for each shard.
    return context
        .parallelize(shards, shards.size())
        .zipPartitions(leftOut, (shard, left) -> results(shard, left))
        .collect();
  }

  private Iterator<ShardResult> results(Iterator<Shard> shard, Iterator<Map<Integer, LeftOut>> left)
      throws IOException {
    return List.of(run(shard.next(), left.next())).iterator();
  }

  private ShardResult run(Shard shard, Map<Integer, LeftOut> leftOut) throws IOException {
    Encoding encoding =
        new Encoding(
            settings,
            SharedTokenizer.of(tokenizer.value(), settings.tokenizer()),
            chat.value().template());
    ShardTask task = new ShardTask(encoding, folder, hadoop.configuration());
    HashMap<String, String> refused = new HashMap<>();
    while (true) {
      try {
        return task.run(shard, leftOut, refused);
      } catch (RefusedDocumentException e) {
        // Some of its sequences are in the file already: once more, without it.
        refused.put(e.where(), e.getMessage());
      }
    }
  }
}
