package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Maps of {@code recall.json} by length and depth, two for each task side by side, with memory and
 * of the base alone: its {@code rows} have {@code task}, {@code context_tokens}, {@code depth} (0
 * the start, 1 the end), and the shares {@code memory} and {@code base}, all from 0 to 1.
 */
final class RecallMap {
  private RecallMap() {}

  static List<String> html(JsonNode result) {
    Set<String> tasks = new LinkedHashSet<>();
    result.path("rows").forEach(row -> tasks.add(row.path("task").asText()));
    List<String> maps = new ArrayList<>();
    for (String task : tasks) {
      maps.addAll(map(result, task, "memory", "with memory"));
      maps.addAll(map(result, task, "base", "base alone, what its window holds"));
    }
    return maps;
  }

  private static List<String> map(JsonNode result, String task, String share, String reader) {
    TreeMap<Double, TreeMap<Long, Double>> map = new TreeMap<>();
    TreeSet<Long> lengths = new TreeSet<>();
    for (JsonNode row : result.path("rows")) {
      if (row.path("task").asText().equals(task)
          && row.path("depth").isNumber()
          && row.path(share).isNumber()) {
        long length = row.path("context_tokens").asLong();
        lengths.add(length);
        map.computeIfAbsent(row.get("depth").asDouble(), depth -> new TreeMap<>())
            .put(length, row.get(share).asDouble());
      }
    }
    String title =
        String.format(Locale.ROOT, "%s, %s: right answers by length and depth", task, reader);
    return map.isEmpty() ? List.of() : List.of(html(title, map, lengths));
  }

  private static String html(
      String title, TreeMap<Double, TreeMap<Long, Double>> map, TreeSet<Long> lengths) {
    StringBuilder html = new StringBuilder();
    html.append("<figure>\n").append(Html.element("figcaption", title)).append('\n');
    html.append("<div class=\"wide\"><table class=\"heat\">\n<tr><th>depth</th>");
    lengths.forEach(length -> html.append(Html.element("th", Figure.text(length))));
    html.append("</tr>\n");
    for (Map.Entry<Double, TreeMap<Long, Double>> row : map.entrySet()) {
      html.append("<tr>").append(Html.element("th", percent(row.getKey())));
      lengths.forEach(length -> html.append(cell(row.getValue().get(length))));
      html.append("</tr>\n");
    }
    return html.append("</table></div>\n</figure>\n").toString();
  }

  private static String cell(Double share) {
    return share == null
        ? "<td></td>"
        : String.format(Locale.ROOT, "<td style=\"--share: %.3f\">%s</td>", share, percent(share));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }
}
