package org.uiospark.data.prep;

import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.uiospark.data.copies.LeftOut;
import org.uiospark.data.encode.ChatConfig;
import org.uiospark.data.longtext.EncodedText;
import org.uiospark.data.longtext.LongText;
import org.uiospark.data.longtext.PartEncoder;
import org.uiospark.data.longtext.PartTokens;
import org.uiospark.data.settings.PrepSettings;
import org.uiospark.data.storage.AtomicWrite;
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

  /**
   * Makes tokens of long texts, a part a task.
   *
   * @return those texts that have tokens in parts
   */
  List<EncodedText> encode(JavaSparkContext context, List<LongText> texts) {
    List<LongText.Part> parts = texts.stream().flatMap(text -> text.parts().stream()).toList();
    return parts.isEmpty()
        ? List.of()
        : EncodedText.of(
            context
                .parallelize(parts, parts.size())
                .map(
                    part ->
                        new PartEncoder(
                                encoding().tokenizer(), partFolder(), hadoop.configuration())
                            .encode(part))
                .collect());
  }

  /**
   * Writes the sequences of long texts, in their order, and deletes the tokens they are made of.
   */
  List<ShardResult> write(JavaSparkContext context, List<EncodedText> texts) throws IOException {
    int sequence = settings.cutting().sequenceLength();
    List<PartTokens> parts =
        texts.stream().flatMap(text -> text.sequences(sequence).stream()).toList();
    if (parts.isEmpty()) {
      return List.of();
    }
    List<ShardResult> results =
        context.parallelize(parts, parts.size()).map(part -> task().run(part)).collect();
    Path tokens = new Path(partFolder());
    AtomicWrite.fileSystem(tokens, hadoop.configuration()).delete(tokens, true);
    return results;
  }

  private String partFolder() {
    return folder + "/tokens";
  }

  private Iterator<ShardResult> results(Iterator<Shard> shard, Iterator<Map<Integer, LeftOut>> left)
      throws IOException {
    return List.of(run(shard.next(), left.next())).iterator();
  }

  private ShardResult run(Shard shard, Map<Integer, LeftOut> leftOut) throws IOException {
    ShardTask task = task();
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

  private ShardTask task() {
    return new ShardTask(encoding(), folder, hadoop.configuration());
  }

  private Encoding encoding() {
    return new Encoding(
        settings,
        SharedTokenizer.of(tokenizer.value(), settings.tokenizer()),
        chat.value().template());
  }
}
