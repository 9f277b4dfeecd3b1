package org.uiospark.jobs.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.uiospark.model.llama.LlamaCheckpoint;
import org.uiospark.model.safetensors.SafetensorsFile;
import org.uiospark.model.text.PieceEncoder;
import org.uiospark.model.text.TextTokenizer;

/**
 * Damaged and lying files of models and tokenizers: each loads whole, or ends in one clear line; no
 * other exception, no hang, no memory beyond what the file accounts for.
 */
@Tag("cluster")
class HostileModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static HostileFolder files;

  @BeforeContainer
  static void goodFiles() throws IOException {
    files = HostileFolder.create();
    Path model = Files.createDirectory(files.good().resolve("model"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(HostileFolder.BASE.resolve(name), model.resolve(name));
    }
  }

  @AfterContainer
  static void clean() throws IOException {
    files.close();
  }

  @Provide
  Arbitrary<String> modelFiles() {
    return Arbitraries.of("config.json", "model.safetensors");
  }

  @Provide
  Arbitrary<String> indexFiles() {
    return Arbitraries.of("config.json", "model.safetensors.index.json");
  }

  @Property
  void models(
      @ForAll("modelFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages,
      @ForAll boolean header)
      throws Exception {
    Path model = files.fresh("model");
    HostileFolder.spoil(model.resolve(name), damages, header);
    Guarded.read(model, () -> load(model));
  }

  @Property
  void modelsInShards(
      @ForAll("indexFiles") String name,
      @ForAll(supplier = Damage.Several.class) List<Damage> damages)
      throws Exception {
    Path model = files.fresh("model");
    Path shard = model.resolve("model-00001-of-00001.safetensors");
    Files.move(model.resolve("model.safetensors"), shard);
    ObjectNode map = JSON.createObjectNode();
    try (SafetensorsFile tensors = SafetensorsFile.open(shard)) {
      tensors.names().forEach(tensor -> map.put(tensor, shard.getFileName().toString()));
    }
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        JSON.createObjectNode().set("weight_map", map).toString());
    HostileFolder.spoil(model.resolve(name), damages);
    Guarded.read(model, () -> load(model));
  }

  private static String load(Path model) {
    try (LlamaCheckpoint checkpoint = LlamaCheckpoint.open(model)) {
      float[] embedding = checkpoint.embedding(checkpoint.config().eosTokenId());
      assertThat(embedding).hasSize(checkpoint.config().hiddenSize());
      return checkpoint.fingerprint();
    }
  }

  @Property
  void tokenizers(@ForAll(supplier = Damage.Several.class) List<Damage> damages) throws Exception {
    Path folder = files.empty();
    Path file = folder.resolve("tokenizer.json");
    Files.copy(HostileFolder.TINY.resolve("tokenizer.json"), file);
    HostileFolder.spoil(file, damages);
    Guarded.read(
        folder,
        () -> {
          try (TextTokenizer tokenizer = TextTokenizer.load(file)) {
            PieceEncoder encoder = new PieceEncoder(tokenizer);
            int[] ids = tokenizer.encode("The caf\u00e9  of 1999,\n\n and \uD83D\uDE00 \0 more.");
            for (int id : ids) {
              assertThat(id).isBetween(0, tokenizer.vocabularySize() - 1);
            }
            tokenizer.decode(ids);
            return encoder;
          }
        });
  }
}
