package org.uiospark.jobs.task;

import java.io.Serializable;
import java.util.List;
import java.util.OptionalInt;
import org.apache.spark.api.java.JavaSparkContext;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.checkpoint.AdapterSource;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.llama.LlamaConfig;
import org.uiospark.model.text.TextTokenizer;

/**
 * The adapter that is evaluated, on its base model, and the Spark context that its tasks run in.
 */
public final class Subject implements AutoCloseable {
  /**
   * The work that a task does on one item.
   *
   * @param <I> item, serializable
   * @param <O> outcome
   */
  public interface Work<I, O extends Serializable> extends Serializable {
    /** The outcome; it depends on the item alone. */
    O of(MemoryModel model, DeviceAdapter adapter, I item);
  }

  private final JavaSparkContext spark;
  private final ModelFolder folder;
  private final OutputFolder adapterFolder;
  private final ModelReference model;
  private final LlamaConfig base;
  private final SentAdapter adapter;

  private Subject(
      JavaSparkContext spark,
      ModelFolder folder,
      OutputFolder adapterFolder,
      LlamaCheckpoint checkpoint,
      LoadedAdapter loaded,
      OptionalInt memoryTokens) {
    this.spark = spark;
    this.folder = folder;
    this.adapterFolder = adapterFolder;
    this.model = ModelReference.of(folder, checkpoint, loaded.config(), memoryTokens);
    this.base = checkpoint.config();
    this.adapter = new SentAdapter(spark, model, loaded.adapter());
  }

  /** Opens both, for the most memory tokens that the adapter was trained for. */
  public static Subject open(JavaSparkContext spark, String model, String adapter) {
    return open(spark, model, adapter, OptionalInt.empty());
  }

  /**
   * Opens both.
   *
   * @param memoryTokens of those that the adapter was trained for; empty for the most
   * @throws InvalidInputException if one is missing or damaged, or they do not fit each other
   */
  public static Subject open(
      JavaSparkContext spark, String model, String adapter, OptionalInt memoryTokens) {
    OutputFolder adapterFolder = OutputFolder.of(adapter, spark.hadoopConfiguration());
    LoadedAdapter loaded = AdapterSource.adapter(adapterFolder);
    ModelFolder folder = ModelFolder.of(model, spark.hadoopConfiguration());
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(folder.path())) {
      return new Subject(spark, folder, adapterFolder, checkpoint, loaded, memoryTokens);
    }
  }

  /**
   * Runs a task for each item; where there are fewer than cores, each computes on several.
   *
   * @return the outcomes in the order of the items, however many executors there are
   * @throws InvalidInputException if a task refuses its item
   */
  public <I, O extends Serializable> List<O> each(List<I> items, Work<I, O> work) {
    return adapter.eachOnAllCores(items, work);
  }

  /** The same model and adapter for tasks that are run otherwise, so many of them. */
  public SentModel forTasks(int tasks) {
    return adapter.modelOnAllCores(tasks);
  }

  /** The model that tasks run. */
  public ModelReference model() {
    return model;
  }

  /** The data sets that the base model can read. */
  FittingData fittingData() {
    return new FittingData(folder, base);
  }

  /** Shape of the base model. */
  public LlamaConfig base() {
    return base;
  }

  /** The Spark context that the tasks run in. */
  public JavaSparkContext spark() {
    return spark;
  }

  /**
   * The tokenizer beside the model, else that in the export.
   *
   * @throws InvalidInputException if there is none, or it has more tokens than the model knows
   */
  public TextTokenizer tokenizer() {
    TextTokenizer tokenizer = folder.tokenizer(adapterFolder);
    try {
      tokenizer.requireFit(base.vocabSize());
      return tokenizer;
    } catch (InvalidInputException e) {
      tokenizer.close();
      throw e;
    }
  }

  @Override
  public void close() {
    adapter.close();
  }
}
