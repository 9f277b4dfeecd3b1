package org.uiospark.jobs.bench;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.data.dataset.TokenDataSet;
import org.uiospark.jobs.device.ComputeDevice;
import org.uiospark.jobs.results.Versions;
import org.uiospark.jobs.task.ModelFolder;
import org.uiospark.jobs.task.ModelReference;
import org.uiospark.jobs.task.TaskModels;
import org.uiospark.model.estimator.KeyedRandom;
import org.uiospark.model.kernel.Arithmetic;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.kernel.ProductRate;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.RandomLlama;
import org.uiospark.model.segment.TokenSequence;

/**
 * Measures the gradient of sequences of random tokens, in process and as {@code train} computes it,
 * for one length and estimator after the other.
 */
public final class Bench {
  private static final Logger LOG = LoggerFactory.getLogger(Bench.class);

  private final SparkSession spark;
  private final BenchSettings settings;
  private final Device device;
  private final int tasks;
  private final int batch;

  /**
   * @param spark where the steps run
   */
  public Bench(SparkSession spark, BenchSettings settings) {
    this.spark = spark;
    this.settings = settings;
    this.device = ComputeDevice.ofDriver(spark.sparkContext().conf());
    this.tasks =
        ComputeDevice.atOnce(
            settings.tasks() > 0 ? settings.tasks() : spark.sparkContext().defaultParallelism(),
            spark.sparkContext().conf());
    this.batch = settings.batch() > 0 ? settings.batch() : tasks;
  }

  /**
   * Measures everything; what was written for it is deleted.
   *
   * @throws org.uiospark.model.input.InvalidInputException if the model cannot be used
   */
  public BenchReport run() {
    try {
      Path folder = Files.createTempDirectory("uio-bench-");
      try {
        return run(folder);
      } finally {
        FileUtil.fullyDelete(folder.toFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BenchReport run(Path folder) {
    ModelReference reference = reference(model(folder));
    // On a CPU the tasks of local mode use the same one.
    MemoryModel model = TaskModels.model(reference, device);
    // A GPU has one task at a time; of several the first is measured alone.
    int threads = device.isGpu() ? 1 : tasks;
    ProductRate alone = ProductRate.measure(model, 1);
    Rates rates = new Rates(alone, threads == 1 ? alone : ProductRate.measure(model, threads));
    InProcess inProcess = new InProcess(model, settings, threads, rates);
    SparkPath sparkPath = new SparkPath(spark, reference, settings, tasks, batch, rates);
    List<BenchReport.Result> results = new ArrayList<>();
    for (int length : settings.lengths()) {
      List<TokenSequence> sequences = sequences(model.base().config().vocabSize(), length);
      String data = write(folder, sequences, model.base().config().vocabSize());
      for (String name : settings.estimators().names()) {
        Variant variant = Variant.of(name, settings);
        Work work = Work.of(model, variant, settings.seed(), length, tasks);
        LOG.info("{}, {} segments", name, length);
        Path output = folder.resolve("train-" + name + "-" + length);
        results.add(
            new BenchReport.Result(
                name,
                length,
                work,
                settings.repeats().runs() == 0 ? null : inProcess.measure(variant, sequences, work),
                settings.repeats().steps() == 0
                    ? null
                    : sparkPath.measure(variant, data, output, work)));
      }
    }
    return new BenchReport(
        Machine.with(device),
        Versions.with(spark.version()),
        BenchReport.Sizes.of(model, settings, spark.sparkContext().master(), tasks, batch),
        rates,
        results,
        LengthRatio.all(results));
  }

  private Path model(Path folder) {
    if (settings.isOfRandomModel()) {
      Path random = folder.resolve("model");
      RandomLlama.write(random, settings.random(), settings.seed());
      return random;
    }
    return ModelFolder.local(Path.of(settings.adapter().model())).path().toAbsolutePath();
  }

  private ModelReference reference(Path model) {
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model)) {
      return new ModelReference(
          model.toString(),
          // No sums: the model is read where it lies.
          "",
          checkpoint.fingerprint(),
          settings.adapter().segments().segmentLength(),
          settings.adapter().segments().memoryTokens(),
          settings.adapter().shape(checkpoint.config()),
          Arithmetic.here(1));
    }
  }

  /** Random sequences, as many as a step takes and at least one for each thread. */
  private List<TokenSequence> sequences(int vocabulary, int length) {
    int tokens = length * settings.adapter().segments().segmentLength();
    return LongStream.range(0, Math.max(tasks, batch))
        .mapToObj(
            i ->
                TokenSequence.of(
                    "random-" + i,
                    0,
                    KeyedRandom.of(settings.seed(), length, i)
                        .ints(tokens, 0, vocabulary)
                        .toArray()))
        .toList();
  }

  private String write(Path folder, List<TokenSequence> sequences, int vocabulary) {
    int segmentLength = settings.adapter().segments().segmentLength();
    String uri =
        folder.resolve("data-" + sequences.get(0).segments(segmentLength)).toUri().toString();
    TokenDataSet.write(
        uri,
        sequences,
        segmentLength,
        vocabulary,
        spark.version(),
        spark.sparkContext().hadoopConfiguration());
    return uri;
  }
}
