package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.uiospark.jobs.results.ResultFile;

/**
 * A result that {@code evaluate} or {@code audit} left as JSON: its pictures, a table of each list
 * of records, and all else by name.
 */
enum ResultSection {
  PERPLEXITY(ResultFile.PERPLEXITY, "Perplexity by context length", PerplexityCharts::html),
  AUTO_ENCODING(ResultFile.AUTO_ENCODING, "Auto-encoding", none -> List.of()),
  RECALL(ResultFile.RECALL, "Recall", RecallMap::html),
  QUESTIONS(ResultFile.QUESTIONS, "Question answering", none -> List.of()),
  AUDIT(ResultFile.AUDIT, "Gradient audit", none -> List.of()),
  EVALUATION(ResultFile.EVALUATION, "Evaluated with", none -> List.of());

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
    ResultFields fields = ResultFields.of(result);
    fields.tables().values().forEach(rows -> body.append(ResultTable.html(rows)));
    Map<String, String> named = new LinkedHashMap<>();
    fields.single().forEach((field, value) -> named.put(Figure.title(field), Figure.text(value)));
    String facts = Html.facts(named);
    if (this == EVALUATION) {
      return Html.folded(title, facts);
    }
    return Html.section(title, body.isEmpty() ? facts : body + Html.folded("Measured with", facts));
  }
}
