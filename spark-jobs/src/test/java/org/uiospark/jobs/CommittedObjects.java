package org.uiospark.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.uiospark.model.input.Sha256;

/**
 * What the README names: all that is committed in a bucket, and what commits it. Where that holds a
 * sum, the object is checked against it.
 *
 * @param objects contents by name
 */
record CommittedObjects(Map<String, byte[]> objects) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A data set that {@code runs} runs of prep have added to. */
  Set<String> dataSet(String at, int runs) throws IOException {
    Set<String> names = new TreeSet<>(Set.of(at + "state.json", at + "dataset_info.json"));
    JsonNode state = JSON.readTree(objects.get(at + "state.json"));
    for (JsonNode file : state.get("_data_files")) {
      names.add(summed(at + file.get("filename").asText(), file));
    }
    for (JsonNode ledger : state.get("uio").get("ledgers")) {
      names.add(summed(at + ledger.get("filename").asText(), ledger));
    }
    for (int run = 0; run < runs; run++) {
      names.add(at + String.format(Locale.ROOT, "_commit-%05d.json", run));
    }
    return names;
  }

  /** A checkpoint by the name of its folder. */
  Set<String> checkpoint(String at) throws IOException {
    Set<String> names = new TreeSet<>(Set.of(at + "MANIFEST.json"));
    JsonNode manifest = JSON.readTree(objects.get(at + "MANIFEST.json"));
    for (Map.Entry<String, JsonNode> file : manifest.get("files").properties()) {
      names.add(summed(at + file.getKey(), file.getValue()));
    }
    return names;
  }

  /** An output of train whose one checkpoint is of {@code step}, after {@code runs} runs. */
  Set<String> run(String at, int step, int runs) throws IOException {
    Set<String> names = checkpoint(at + "checkpoints/step-" + step + "/");
    for (String name : new String[] {"checkpoints/latest", "metrics.jsonl", "report.html"}) {
      names.add(at + name);
    }
    List<String> events =
        objects.keySet().stream().filter(name -> name.startsWith(at + "tensorboard/e")).toList();
    assertThat(events).hasSize(runs).allMatch(name -> name.matches(at + "tensorboard/events\\..*"));
    names.addAll(events);
    return names;
  }

  /** An output of evaluate. */
  static Set<String> evaluation(String at) {
    return Set.of(at + "perplexity.json", at + "evaluation.json", at + "report.html");
  }

  /** An output of export. */
  static Set<String> export(String at) {
    Set<String> names = new TreeSet<>();
    for (String part : new String[] {"peft/encoder/", "peft/transfer/"}) {
      names.add(at + part + "adapter_config.json");
      names.add(at + part + "adapter_model.safetensors");
    }
    for (String name :
        new String[] {
          "README.md",
          "adapter.safetensors",
          "adapter_config.json",
          "base_model.json",
          "provenance.json",
          "serving.properties",
          "tokenizer.json",
          "uio_memory.py"
        }) {
      names.add(at + name);
    }
    return names;
  }

  private String summed(String name, JsonNode entry) {
    assertThat(Sha256.hex(objects.get(name))).as(name).isEqualTo(entry.get("sha256").asText());
    return name;
  }
}
