package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.adapter.AdapterFiles;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.segment.SegmentRatios;

/** An adapter that was trained for 2, 8 or 16 memory tokens a segment of 32. */
@Tag("cluster")
class RatioCommandsTest extends CommandInput {
  private static final List<String> SUITES = List.of("perplexity.json", "recall.json", "qa.json");

  private Path several;

  @BeforeEach
  void export() throws IOException {
    several = exported("several", 2, 8, 16);
    Files.writeString(prompt, "The boy ran home. She had never been at the sea. ".repeat(20));
  }

  /** The same weights as trained for these. */
  private Path exported(String name, Integer... memoryTokens) {
    Path run = folder.resolve(name + "-run");
    SegmentRatios ratios = new SegmentRatios(32, List.of(memoryTokens));
    SavedRun.write(run, TINY, SavedRun.adapter(TINY, 4, 32), ratios);
    Path export = folder.resolve(name);
    assertThat(CommandRun.of("export", "--checkpoint", run, "--output", export).err()).isEmpty();
    return export;
  }

  private CommandRun generated(Path of, Object... options) {
    return with(
        options,
        "generate",
        "--model",
        model,
        "--adapter",
        of,
        "--prompt-file",
        prompt,
        "--max-new-tokens",
        12,
        "--temperature",
        1.5);
  }

  private CommandRun audited(Path of, Object... options) {
    return with(
        options,
        "audit",
        "--model",
        model,
        "--adapter",
        of,
        "--tokens",
        MHA.resolve("tokens.json"));
  }

  private static CommandRun with(Object[] options, Object... first) {
    List<Object> words = new ArrayList<>(Arrays.asList(first));
    words.addAll(Arrays.asList(options));
    return CommandRun.of(words.toArray());
  }

  @Test
  void generateAndAuditTakeOneOfTheRatiosAndTheMostMemoryTokensWhereNothingIsSaid() {
    List<String> continuations = new ArrayList<>();
    for (int m : new int[] {2, 8, 16}) {
      Path alone = exported("alone-" + m, m);
      CommandRun chosen = generated(several, "--memory-tokens", m);
      assertThat(chosen.err()).isEmpty();
      assertThat(chosen.out()).isEqualTo(generated(alone).out());
      continuations.add(chosen.out());
      CommandRun audit = audited(several, "--memory-tokens", m);
      assertThat(audit.err()).isEmpty();
      assertThat(audit.out()).isEqualTo(audited(alone).out());
    }
    assertThat(continuations).doesNotHaveDuplicates();
    assertThat(generated(several).out()).isEqualTo(continuations.get(2));
    assertThat(audited(several).out())
        .isEqualTo(audited(several, "--memory-tokens", 16).out())
        .isNotEqualTo(audited(several, "--memory-tokens", 2).out());
    assertRefused(
        generated(several, "--memory-tokens", 4),
        "memory-tokens 4 is none that the adapter was trained for; give one of 2,8,16");
    assertRefused(generated(several, "--memory-tokens", 0), "generate.memory-tokens = 0");
  }

  @Test
  void evaluateMeasuresOneOfTheRatiosAndTheResultsSayWhich() throws Exception {
    List<ObjectNode> results = new ArrayList<>();
    for (int m : new int[] {2, 16}) {
      List<ObjectNode> expected = results(exported("alone-" + m, m));
      List<ObjectNode> found = results(several, "--memory-tokens", m);
      assertThat(found).isEqualTo(expected);
      assertThat(found).extracting(result -> result.get("memory_tokens").asInt()).containsOnly(m);
      results.add(found.get(0));
    }
    assertThat(results.get(0).get("rows")).isNotEqualTo(results.get(1).get("rows"));
    assertThat(results(several).get(0)).isEqualTo(results.get(1));
    assertThat(InputJson.object(output.resolve("evaluation.json")).get("memory_tokens").asInt())
        .isEqualTo(16);
    assertRefused(
        evaluate(model, several, data(), "--memory-tokens", 4),
        "memory-tokens 4 is none that the adapter was trained for; give one of 2,8,16");
  }

  /** What the suites wrote, but for the adapter's folder. */
  private List<ObjectNode> results(Path of, Object... options) throws IOException {
    Path questions =
        Files.writeString(
            folder.resolve("qa.jsonl"),
            "{\"input\": \"Who?\", \"context\": \""
                + "She ran home to Emma. ".repeat(30)
                + "\", \"answers\": [\"Emma\"]}\n");
    Object[] suites = {
      "--suite",
      "ppl,recall,qa",
      "--sequences",
      2,
      "--qa",
      questions,
      "--qa-max-new-tokens",
      4,
      "--recall-lengths",
      300,
      "--recall-depths",
      0.5,
      "--recall-cases",
      1
    };
    List<Object> all = new ArrayList<>(Arrays.asList(suites));
    all.addAll(Arrays.asList(options));
    assertThat(evaluate(model, of, data(), all.toArray()).err()).isEmpty();
    List<ObjectNode> results = new ArrayList<>();
    for (String name : SUITES) {
      ObjectNode result = (ObjectNode) InputJson.object(output.resolve(name));
      assertThat(result.remove("adapter").asText()).isEqualTo(of.toString());
      results.add(result);
    }
    return results;
  }

  @Test
  void theExportAndItsCardTellAllRatios() {
    assertThat(AdapterFiles.load(several).config().ratios().text()).isEqualTo("2,8,16");
    assertThat(several.resolve("serving.properties")).content().contains("\nmemory_tokens=16\n");
    assertThat(several.resolve("README.md"))
        .content()
        .contains("each segment of 32 tokens is compressed into 2 or 8 or 16 memory tokens")
        .contains("(16 or 4 or 2 times fewer)", "without them it is 16.\n")
        .contains("| memory tokens a segment | 2, 8, 16 |");
    assertThat(exported("alone", 8).resolve("README.md"))
        .content()
        .contains("compressed into 8 memory tokens a layer (4 times fewer)")
        .contains("arXiv 2406.18173](https://arxiv.org/abs/2406.18173)).\n")
        .contains("| memory tokens a segment | 8 |")
        .doesNotContain("memory_tokens", "--memory-tokens");
  }
}
