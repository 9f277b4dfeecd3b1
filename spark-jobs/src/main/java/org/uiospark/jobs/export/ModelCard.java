package org.uiospark.jobs.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.uiospark.jobs.checkpoint.Checkpoint;
import org.uiospark.jobs.checkpoint.TrainerState;
import org.uiospark.model.adapter.AdapterConfig;

/**
 * {@code README.md} of an export, in the style of HuggingFace: what the adapter is, how it came
 * about, how it did and how it is used. It names no folder of this machine; the license is that of
 * the user to add.
 */
final class ModelCard {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Checkpoint checkpoint;
  private final List<EvaluationResult> evaluation;

  ModelCard(Checkpoint checkpoint, List<EvaluationResult> evaluation) {
    this.checkpoint = checkpoint;
    this.evaluation = evaluation;
  }

  /** The card; the same checkpoint and results give the same text. */
  String text() {
    return frontMatter() + adapter() + use() + training() + evaluation();
  }

  private String base() {
    return MarkdownFigures.lastNames(checkpoint.config().baseModel().name());
  }

  private String frontMatter() {
    return String.format(
        Locale.ROOT,
        """
        ---
        base_model: %s
        base_model_relation: adapter
        library_name: djl
        pipeline_tag: text-generation
        tags:
        - uio-llms
        - long-context
        - memory
        - lora
        - djl
        ---

        """,
        quoted(base()));
  }

  /** A JSON string is a YAML string, whatever is in it. */
  private static String quoted(String text) {
    try {
      return JSON.writeValueAsString(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("every text is a JSON string", e);
    }
  }

  private String adapter() {
    AdapterConfig config = checkpoint.config();
    ObjectNode facts = JSON.createObjectNode();
    facts.put("segment length", config.segmentLength());
    facts.set("memory tokens a segment", JSON.valueToTree(config.memoryTokens()));
    facts.put("LoRA rank", config.loraRank());
    facts.put("LoRA alpha", config.loraAlpha());
    facts.put("trained values", config.shape().size());
    facts.put("base model", base());
    facts.put("fingerprint of the base model", config.baseModel().fingerprint());
    return String.format(
        Locale.ROOT,
        """
        # Memory adapter for %s

        With this adapter the frozen base model reads text of any length: each segment of %d tokens \
        is compressed into %s memory tokens a layer (%s times fewer), and what follows attends to \
        all memories before it ([UIO-LLMs, arXiv 2406.18173](https://arxiv.org/abs/2406.18173)).%s

        %s
        `adapter.safetensors` holds the tensors (float32), `adapter_config.json` how to use them, \
        `provenance.json` how they came about.

        """,
        MarkdownFigures.escape(base()),
        config.segmentLength(),
        alternatives(config.memoryTokens()),
        alternatives(config.memoryTokens().stream().map(m -> config.segmentLength() / m).toList()),
        choice(config),
        MarkdownFigures.of(facts));
  }

  private static String alternatives(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(" or "));
  }

  /** Nothing where there is none. */
  private static String choice(AdapterConfig config) {
    return config.memoryTokens().size() == 1
        ? ""
        : String.format(
            Locale.ROOT,
            " The argument `memory_tokens`, and `--memory-tokens` on the command line, choose; without them it is %d.",
            config.settings().memoryTokens());
  }

  private String use() {
    return """
        ## Use

        With [DJL](https://djl.ai) and the jar of the module `model` of UIO on Spark (no Spark is \
        needed), where `folder` is this folder:

        ```java
        Criteria<String, String> criteria =
            Criteria.builder()
                .setTypes(String.class, String.class)
                .optModelPath(folder)
                .optTranslatorFactory(new DeferredTranslatorFactory())
                .optArgument("base_model", baseModel) // directory of the base model
                .optArgument("max_new_tokens", 200)
                .build();
        try (ZooModel<String, String> model = criteria.loadModel();
            Predictor<String, String> predictor = model.newPredictor()) {
          System.out.println(predictor.predict(prompt)); // a prompt of any length
        }
        ```

        Many threads may share the model, each with a predictor of its own. `serving.properties` \
        holds the other arguments: temperature, top_p, seed.

        On the command line: `./submit.sh generate --model BASE_MODEL --adapter FOLDER --prompt-file \
        FILE`.

        In Python, with torch and transformers: `python uio_memory.py --prompt-file FILE --model \
        BASE_MODEL`. That file is the whole method in 250 lines, to import or to read.

        `peft/encoder` and `peft/transfer` are the two LoRAs in the format of HuggingFace PEFT, for \
        inspection and conversion. Each alone is not the method: the encoder's is for compressing a \
        segment, the transfer head's for keys and values of memories alone, and plain decoding uses \
        neither.

        """;
  }

  private String training() {
    TrainerState state = checkpoint.state();
    ObjectNode run = JSON.createObjectNode();
    run.put("step", state.step());
    run.put("seed", state.seed());
    run.put("data fingerprint", state.dataFingerprint());
    return String.format(
        Locale.ROOT,
        """
        ## Training

        %s
        **settings**

        %s
        **versions**

        %s
        """,
        MarkdownFigures.of(run),
        MarkdownFigures.of(JSON.valueToTree(state.settings())),
        MarkdownFigures.of(JSON.valueToTree(state.versions())));
  }

  private String evaluation() {
    StringBuilder text = new StringBuilder("## Evaluation\n\n");
    if (evaluation.isEmpty()) {
      return text.append("This export came without results of an evaluation.\n").toString();
    }
    for (EvaluationResult result : evaluation) {
      text.append(
          String.format(
              Locale.ROOT,
              "### %s\n\n%s\n",
              MarkdownFigures.escape(result.name()),
              MarkdownFigures.of(result.figures())));
    }
    return text.toString();
  }
}
