package org.uiospark.model.serve;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.segment.TrainedPositions;
import org.uiospark.model.text.TextTokenizer;

/**
 * A prompt's tokens {@code [n]}, int64, and what {@link GenerationArguments#ofAText} says of it, to
 * the new tokens {@code [k]}, int64; n is unlimited.
 *
 * <p>What a prompt changes lives in its own reader, so any number of threads may run this at once.
 */
final class GenerationBlock extends AbstractBlock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GenerationBlock.class);

  private final Deque<Runnable> closers = new ArrayDeque<>();
  private final GenerationArguments arguments;
  private final TextTokenizer tokenizer;
  private final TextGenerator generator;
  private final TrainedPositions positions;
  private final AtomicBoolean warned = new AtomicBoolean();

  private GenerationBlock(
      Path folder, Path baseModel, Device device, GenerationArguments arguments) {
    this.arguments = arguments;
    try {
      LoadedAdapter loaded = AdapterFiles.load(folder);
      tokenizer = ServingFiles.tokenizer(folder, baseModel);
      closers.push(tokenizer::close);
      FrozenLlama base = FrozenLlama.load(baseModel, device, BasePrecision.defaultOn(device));
      closers.push(base::close);
      loaded.config().requireBase(base.fingerprint(), base.config());
      tokenizer.requireFit(base.config().vocabSize());
      SegmentSettings segments = loaded.config().ratios().choose(arguments.memoryTokens());
      MemoryModel model = new MemoryModel(base, segments, loaded.config().shape());
      closers.push(model::close);
      DeviceAdapter adapter = model.upload(loaded.adapter());
      closers.push(adapter::close);
      generator = new TextGenerator(model, adapter);
      positions = new TrainedPositions(base.config().rotary().maxPositions(), segments);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  static GenerationBlock load(Path folder, Device device, Map<String, ?> arguments) {
    return new GenerationBlock(
        folder,
        ServingFiles.baseModel(folder, arguments),
        device,
        GenerationArguments.of(arguments));
  }

  TextTokenizer tokenizer() {
    return tokenizer;
  }

  /** What holds for a text that says nothing else. */
  GenerationArguments arguments() {
    return arguments;
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameters, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray ids = inputs.get(0);
    GenerationArguments asked = arguments.with(inputs.get(1), inputs.get(2));
    int[] prompt = Arrays.stream(ids.toLongArray()).mapToInt(Math::toIntExact).toArray();
    warnOfPositions((long) prompt.length + asked.maxNewTokens() - 1);
    int[] generated =
        generator.generate(prompt, asked.maxNewTokens(), asked.sampling(), token -> {});
    return new NDList(ids.getManager().create(IntStream.of(generated).asLongStream().toArray()));
  }

  /** Of the first text that is too long; there may be many. */
  private void warnOfPositions(long tokens) {
    positions
        .warning("A prompt with its continuation", tokens)
        .filter(warning -> !warned.getAndSet(true))
        .ifPresent(LOG::warn);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return new Shape[] {new Shape(-1)};
  }

  @Override
  public void close() {
    while (!closers.isEmpty()) {
      closers.pop().run();
    }
  }
}
