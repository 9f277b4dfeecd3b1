package org.uiospark.model.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.DeferredTranslatorFactory;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.model.adapter.AdapterConfig;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.adapter.LoadedAdapter;
import org.uiospark.model.input.InvalidInputException;
import org.uiospark.model.kernel.BasePrecision;
import org.uiospark.model.kernel.DeviceAdapter;
import org.uiospark.model.kernel.FrozenLlama;
import org.uiospark.model.kernel.MemoryModel;
import org.uiospark.model.reading.Sampling;
import org.uiospark.model.reading.TextGenerator;
import org.uiospark.model.segment.SegmentRatios;
import org.uiospark.model.segment.SegmentSettings;
import org.uiospark.model.text.TextTokenizer;

/** What others serve, through DJL's {@code Criteria} alone and without Spark on the class path. */
class ServedModelTest {
  private static final Path MODEL = SavedExport.MODEL;
  private static final SegmentSettings SEGMENTS = SavedExport.SEGMENTS;

  /** A word, less than a segment, several whole segments or more. */
  private static final List<String> PROMPTS =
      List.of(
          "Tom",
          "The boy ran home.",
          "It was a dark night and the boy ran home. ".repeat(8),
          "She had never been at the sea before. ".repeat(30));

  private static final List<String> SHORT = PROMPTS.subList(0, 2);

  @TempDir Path folder;

  @BeforeEach
  void export() throws IOException {
    SavedExport.write(folder);
  }

  /** The same weights as trained for some numbers of memory tokens. */
  private void trainedFor(Integer... memoryTokens) throws IOException {
    LoadedAdapter loaded = AdapterFiles.load(folder);
    SegmentRatios ratios = new SegmentRatios(SEGMENTS.segmentLength(), List.of(memoryTokens));
    AdapterFiles.save(
        folder,
        loaded.adapter(),
        AdapterConfig.of(loaded.config().baseModel(), ratios, loaded.config().shape(), Map.of()));
    Files.writeString(folder.resolve(ServingFiles.PROPERTIES), ServingFiles.properties(ratios));
  }

  private void nameBase(String path) throws IOException {
    SavedExport.nameBase(folder, path);
  }

  private Criteria.Builder<String, String> criteria() {
    return Criteria.builder()
        .setTypes(String.class, String.class)
        .optModelPath(folder)
        .optTranslatorFactory(new DeferredTranslatorFactory())
        .optArgument("max_new_tokens", 12);
  }

  private static List<String> inTurn(Criteria<String, String> criteria) throws Exception {
    return inTurn(criteria, PROMPTS);
  }

  private static List<String> inTurn(Criteria<String, String> criteria, List<String> prompts)
      throws Exception {
    List<String> continuations = new ArrayList<>();
    try (ZooModel<String, String> model = criteria.loadModel();
        Predictor<String, String> predictor = model.newPredictor()) {
      for (String prompt : prompts) {
        continuations.add(predictor.predict(prompt));
      }
    }
    return continuations;
  }

  @Test
  void promptsOfAnyLengthAreContinuedAsByTheGenerator() throws Exception {
    assertThatThrownBy(() -> Class.forName("org.apache.spark.SparkContext"))
        .isInstanceOf(ClassNotFoundException.class);
    List<String> expected = new ArrayList<>();
    LoadedAdapter loaded = AdapterFiles.load(folder);
    try (FrozenLlama base = FrozenLlama.load(MODEL, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = new MemoryModel(base, SEGMENTS, loaded.adapter().shape());
        DeviceAdapter adapter = model.upload(loaded.adapter());
        TextTokenizer tokenizer = TextTokenizer.load(MODEL.resolve("tokenizer.json"))) {
      TextGenerator generator = new TextGenerator(model, adapter);
      for (String prompt : PROMPTS) {
        int[] ids = tokenizer.encode(prompt);
        expected.add(tokenizer.decode(generator.generate(ids, 12, Sampling.GREEDY, token -> {})));
      }
      assertThat(tokenizer.encode(PROMPTS.get(3)).length).isGreaterThan(8 * 32);
    }

    assertThat(inTurn(criteria().build())).isEqualTo(expected).doesNotHaveDuplicates();
  }

  @Test
  void predictorsOfManyThreadsGiveWhatOneGives() throws Exception {
    List<String> expected = inTurn(criteria().build());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (ZooModel<String, String> model = criteria().build().loadModel()) {
      List<Future<List<String>>> answers = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        List<String> order = new ArrayList<>(PROMPTS);
        // Each in another order, so that long prompts meet short ones.
        Collections.rotate(order, thread);
        int back = -thread;
        answers.add(
            threads.submit(
                () -> {
                  List<String> continuations = new ArrayList<>();
                  try (Predictor<String, String> predictor = model.newPredictor()) {
                    for (String prompt : order) {
                      continuations.add(predictor.predict(prompt));
                    }
                  }
                  Collections.rotate(continuations, back);
                  return continuations;
                }));
      }
      for (Future<List<String>> answer : answers) {
        assertThat(answer.get()).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void argumentsSayHowToSample() throws Exception {
    Criteria<String, String> drawn =
        criteria().optArgument("temperature", "1.5").optArgument("seed", 7).build();

    List<String> first = inTurn(drawn, SHORT);

    assertThat(inTurn(drawn, SHORT)).isEqualTo(first);
    assertThat(
            inTurn(
                criteria().optArgument("temperature", 1.5).optArgument("seed", 8).build(), SHORT))
        .isNotEqualTo(first);
    assertRefused(criteria().optArgument("max_new_tokens", 0), "max_new_tokens 0");
    assertRefused(criteria().optArgument("max_new_tokens", "ten"), "max_new_tokens 'ten'");
    assertRefused(criteria().optArgument("top_p", 2), "top-p 2.0");
  }

  @Test
  void anArgumentChoosesOneOfTheRatiosAndTheMostMemoryTokensAreTheDefault() throws Exception {
    List<String> prompts = PROMPTS.subList(2, 4);
    List<List<String>> alone = new ArrayList<>();
    for (int m : new int[] {2, 4, 16}) {
      trainedFor(m);
      assertThat(folder.resolve(ServingFiles.PROPERTIES)).content().doesNotContain("memory_tokens");
      alone.add(inTurn(criteria().build(), prompts));
    }
    assertThat(alone).doesNotHaveDuplicates();

    trainedFor(16, 2, 4);

    assertThat(folder.resolve(ServingFiles.PROPERTIES))
        .content()
        .endsWith("# One of 2,4,16; fewer compress more.\nmemory_tokens=16\n");
    assertThat(inTurn(criteria().optArgument("memory_tokens", 2).build(), prompts))
        .isEqualTo(alone.get(0));
    assertThat(inTurn(criteria().optArgument("memory_tokens", "4").build(), prompts))
        .isEqualTo(alone.get(1));
    assertThat(inTurn(criteria().build(), prompts)).isEqualTo(alone.get(2));
    assertRefused(criteria().optArgument("memory_tokens", 8), "memory-tokens 8", "2,4,16");
    assertRefused(criteria().optArgument("memory_tokens", "few"), "memory_tokens 'few'");
  }

  @Test
  void theBaseModelLiesInTheFolderOrWhereAnArgumentSays() throws Exception {
    nameBase("/nowhere/model");
    assertRefused(criteria(), "/nowhere/model", "base_model");
    List<String> given =
        inTurn(
            criteria().optArgument("base_model", MODEL.toAbsolutePath().toString()).build(), SHORT);

    Path copy = Files.createDirectory(folder.resolve("base"));
    Files.copy(MODEL.resolve("config.json"), copy.resolve("config.json"));
    Files.copy(MODEL.resolve("model.safetensors"), copy.resolve("model.safetensors"));
    nameBase("base");
    assertThat(inTurn(criteria().build(), SHORT)).isEqualTo(given);

    Files.writeString(
        copy.resolve("config.json"),
        Files.readString(copy.resolve("config.json")).replace("10000.0", "20000.0"));
    assertRefused(criteria(), "another model");
  }

  @Test
  void aTextThatEndsAtOnceIsContinuedByNothing() throws Exception {
    int next;
    LoadedAdapter loaded = AdapterFiles.load(folder);
    try (FrozenLlama base = FrozenLlama.load(MODEL, Device.cpu(), BasePrecision.FLOAT32);
        MemoryModel model = new MemoryModel(base, SEGMENTS, loaded.adapter().shape());
        DeviceAdapter adapter = model.upload(loaded.adapter());
        TextTokenizer tokenizer = TextTokenizer.load(MODEL.resolve("tokenizer.json"))) {
      next =
          new TextGenerator(model, adapter)
              .generate(tokenizer.encode("Tom"), 1, Sampling.GREEDY, token -> {})[0];
    }
    Path ending = Files.createDirectory(folder.resolve("ending"));
    Files.copy(MODEL.resolve("model.safetensors"), ending.resolve("model.safetensors"));
    Files.writeString(
        ending.resolve("config.json"),
        Files.readString(MODEL.resolve("config.json"))
            .replaceFirst("\"eos_token_id\": *\\d+", "\"eos_token_id\": " + next));
    nameBase("ending");

    assertThat(inTurn(criteria().build(), SHORT).get(0)).isEmpty();

    Files.copy(
        MODEL.resolve("config.json"),
        ending.resolve("config.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(inTurn(criteria().build(), SHORT).get(0)).isNotEmpty();
    Files.writeString(
        ending.resolve("generation_config.json"),
        String.format(Locale.ROOT, "{\"eos_token_id\": [9, %d]}", next));
    assertThat(inTurn(criteria().build(), SHORT).get(0)).isEmpty();
  }

  @Test
  void whatCannotBeServedIsRefused() throws Exception {
    try (ZooModel<String, String> model = criteria().build().loadModel();
        Predictor<String, String> predictor = model.newPredictor()) {
      assertThatThrownBy(() -> predictor.predict(""))
          .isInstanceOf(TranslateException.class)
          .hasMessageContaining("the prompt is empty");
    }
    Criteria<NDList, String> other = criteria().setTypes(NDList.class, String.class).build();
    assertThatThrownBy(other::loadModel).isInstanceOf(ModelNotFoundException.class);
    Files.writeString(folder.resolve(AdapterFiles.TENSORS), "cut");
    assertRefused(criteria(), AdapterFiles.TENSORS);
    Files.delete(folder.resolve(AdapterFiles.CONFIG));
    assertRefused(criteria(), AdapterFiles.CONFIG);
  }

  private static void assertRefused(Criteria.Builder<String, String> criteria, String... says) {
    assertThatThrownBy(() -> criteria.build().loadModel())
        .isInstanceOf(InvalidInputException.class)
        .message()
        .contains(says);
  }
}
