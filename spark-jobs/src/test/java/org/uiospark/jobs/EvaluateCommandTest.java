package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.uiospark.jobs.CommandRun.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.uiospark.model.adapter.AdapterShape;
import org.uiospark.model.input.InputJson;

@Tag("cluster")
class EvaluateCommandTest extends CommandInput {

  @Test
  void perplexityHasItsCurveAndIntervalsAndTheSameBitsForAnyNumberOfTasks() throws Exception {
    saveAdapter(TINY, folder.resolve("some"), 4, 0.01f);
    Path some = folder.resolve("some");

    CommandRun one = evaluate(model, some, data(), "--sequences", 3);
    byte[] first = Files.readAllBytes(output.resolve("perplexity.json"));
    System.setProperty("spark.master", "local[2]");
    CommandRun two = evaluate(model, some, data(), "--sequences", 3);
    System.setProperty("spark.master", "local[1]");

    assertThat(one.err()).isEmpty();
    assertThat(one.out()).contains("with memory [95%]", "nats saved a token [95%]");
    assertThat(two.out()).isEqualTo(one.out());
    assertThat(output.resolve("perplexity.json")).hasBinaryContent(first);
    JsonNode result = InputJson.object(output.resolve("perplexity.json"));
    JsonNode row = result.get("rows").get(0);
    assertThat(row.get("context_tokens").asInt()).isEqualTo(64);
    assertThat(row.get("truncated").asDouble()).isEqualTo(row.get("native_window").asDouble());
    assertThat(result.get("curve").get(0).get("saved_nats").asDouble()).isZero();
    assertThat(result.get("curve").size()).isGreaterThan(1);
  }

  @Test
  void lengthsAreDoubledFromOneSegmentWhereNoneAreGiven() throws Exception {
    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--model",
            model,
            "--adapter",
            adapter,
            "--data",
            data(),
            "--output",
            output);

    assertThat(run.err()).isEmpty();
    assertThat(InputJson.object(output.resolve("perplexity.json")).get("rows"))
        .extracting(row -> row.get("context_tokens").asInt())
        .startsWith(32, 64, 128);
    JsonNode seconds = InputJson.object(output.resolve("evaluation.json")).get("seconds");
    assertThat(seconds)
        .extracting(row -> row.get("context_tokens").asInt())
        .startsWith(32, 64, 128);
    assertThat(seconds.get(0).get("with_memory").asDouble()).isPositive();
    assertThat(seconds.get(1).get("native_window").asDouble())
        .isGreaterThan(seconds.get(0).get("native_window").asDouble());
  }

  @Test
  void contextsThatHoldPromptsAloneAreLeftOut() throws Exception {
    Path chats =
        Files.writeString(
            folder.resolve("chats.jsonl"),
            String.format(
                Locale.ROOT,
                "{\"prompt\": \"%1$s\", \"response\": \"%1$s\"}\n",
                "She ran home. ".repeat(10)));
    Path set = folder.resolve("chats");
    CommandRun prep =
        CommandRun.of(
            "prep",
            "--objective",
            "sft",
            "--input",
            chats,
            "--output",
            set,
            "--tokenizer",
            model.resolve("tokenizer.json"),
            "--segment-length",
            32);
    assertThat(prep.err()).isEmpty();

    assertThat(evaluate(model, adapter, set, "--lengths", "32,64").err()).isEmpty();

    assertThat(InputJson.object(output.resolve("perplexity.json")).get("rows"))
        .extracting(row -> row.get("context_tokens").asInt())
        .containsExactly(64);
    assertRefused(
        CommandRun.of(
            "evaluate", "--model", model, "--adapter", adapter, "--data", set, "--lengths", 32),
        "no sequence of",
        "has a label that counts");
  }

  @Test
  void lengthsThatNoSequenceReachesAreRefusedBeforeAnythingRuns() throws Exception {
    assertRefused(
        evaluate(model, adapter, data(), "--suite", "recall,ppl", "--lengths", "64,4096"),
        "evaluate.lengths [4096]",
        "has 512 tokens",
        "--max-segments");
    assertThat(output).doesNotExist();
    assertRefused(
        evaluate(model, adapter, data(), "--suite", "ppl,qa", "--qa", folder.resolve("none.jsonl")),
        "none.jsonl");
    assertThat(output).doesNotExist();
  }

  @Test
  void recallAndQaNeedNoDataSet() throws Exception {
    Path questions =
        Files.writeString(
            folder.resolve("q.jsonl"),
            String.format(
                Locale.ROOT,
                "{\"input\": \"Who?\", \"context\": \"%s\", \"answers\": [\"Emma\"]}",
                "She ran home. ".repeat(30)));

    CommandRun run =
        CommandRun.of(
            "evaluate",
            "--model",
            model,
            "--adapter",
            adapter,
            "--suite",
            "recall,qa",
            "--recall-lengths",
            "150,200",
            "--recall-depths",
            "0,1",
            "--recall-cases",
            2,
            "--qa",
            questions,
            "--qa-max-prompt",
            64,
            "--qa-max-new-tokens",
            3,
            "--output",
            output);

    assertThat(run.err()).isEmpty();
    JsonNode keys = InputJson.object(output.resolve("recall.json")).get("rows");
    assertThat(keys)
        .extracting(key -> key.get("context_tokens").asInt())
        .containsExactly(150, 150, 200, 200);
    assertThat(keys).allSatisfy(key -> assertThat(key.get("cases").asInt()).isEqualTo(2));
    assertThat(keys.get(0).get("memory_interval").has("low")).isTrue();
    JsonNode row = InputJson.object(output.resolve("qa.json")).get("rows").get(0);
    assertThat(row.get("dataset").asText()).isEqualTo("q");
    assertThat(row.get("cut").asInt()).isEqualTo(1);
    assertThat(run.out()).contains("depth 1.00 [95%]", "Rouge-L [95%]");
    assertThat(output.resolve("report.html"))
        .content()
        .contains(
            "passkey, with memory: right answers by length and depth",
            "<th>depth</th><th>150</th><th>200</th>");
  }

  @Test
  void autoEncodingComparesMemoryWithNone() throws Exception {
    saveAdapter(TINY, folder.resolve("repeat"), 4, 0.01f, AdapterShape::withRepeat);

    CommandRun run =
        evaluate(model, folder.resolve("repeat"), data(), "--suite", "ae", "--sequences", 2);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("ae, 1:8", "token accuracy [95%]", "no memory");
    JsonNode with = InputJson.object(output.resolve("auto-encoding.json")).get("with_memory");
    assertThat(with.get("tokens").asInt() % 32).isZero();
    assertThat(with.get("accuracy").asDouble()).isBetween(0.0, 1.0);
    assertThat(output.resolve("report.html"))
        .content()
        .contains("<h2>Auto-encoding</h2>")
        .contains("<th>with memory accuracy</th>", "<th>without memory accuracy</th>");
    assertRefused(evaluate(model, adapter, data(), "--suite", "ae"), "no repeat_embedding");

    saveAdapter(TINY, folder.resolve("poisoned"), 4, 1e30f, AdapterShape::withRepeat);
    assertRefused(
        evaluate(model, folder.resolve("poisoned"), data(), "--suite", "ae", "--sequences", 1),
        "the logits of a segment from its memory are not finite");
  }

  @Test
  void suitesThatDoNotExistAreRefused() throws Exception {
    assertRefused(evaluate(model, adapter, data(), "--suite", "pll"), "evaluate.suite", "ppl");
    assertRefused(
        CommandRun.of("evaluate", "--model", model, "--adapter", adapter, "--suite", "qa"),
        "evaluate needs --qa");
    assertRefused(
        CommandRun.of("evaluate", "--model", model, "--adapter", adapter), "evaluate needs --data");
  }
}
