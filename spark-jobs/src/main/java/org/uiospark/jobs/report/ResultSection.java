package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A result that {@code evaluate} or {@code audit} left as JSON: its pictures, a table of each list
 * of records, and all else by name.
 */
enum ResultSection {
  PERPLEXITY("perplexity.json", "Perplexity by context length", PerplexityCharts::html),
  AUTO_ENCODING("ae.json", "Auto-encoding", none -> List.of()),
  PASSKEY("passkey.json", "Passkey retrieval", PasskeyMap::html),
  QUESTIONS("qa.json", "Question answering", none -> List.of()),
  AUDIT("audit.json", "Gradient audit", none -> List.of()),
  EVALUATION("evaluation.json", "Evaluated with", none -> List.of());

  private final String file;
  private final String title;
  private final Function<JsonNode, List<String>> figures;

  ResultSection(String file, String title, Function<JsonNode, List<String>> figures) {
    this.file = file;
    this.title = title;
    this.figures = figures;
  }

  /** Name of the JSON in the output folder. */
  String file() {
    return file;
  }

  String html(JsonNode result) {
    StringBuilder body = new StringBuilder(Html.figures(figures.apply(result)));
    Map<String, String> facts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : result.properties()) {
      JsonNode value = field.getValue();
      if (ResultTable.fits(value)) {
        body.append(ResultTable.html(value));
      } else if (value.isObject() && !Figure.isInterval(value)) {
        value
            .properties()
            .forEach(inner -> facts.put(inner.getKey(), Figure.text(inner.getValue())));
      } else {
        facts.put(field.getKey(), Figure.text(value));
      }
    }
    Map<String, String> titled = new LinkedHashMap<>();
    facts.forEach((field, value) -> titled.put(Figure.title(field), value));
    return Html.section(title, body + Html.facts(titled));
  }
}
