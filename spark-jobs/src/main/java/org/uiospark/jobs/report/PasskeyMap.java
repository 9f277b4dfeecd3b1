package org.uiospark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Accuracy of {@code passkey.json} by length and depth: its {@code rows} have {@code
 * context_tokens}, {@code depth} (0 the start, 1 the end) and {@code accuracy}, both from 0 to 1.
 */
final class PasskeyMap {
  private PasskeyMap() {}

  static List<String> html(JsonNode result) {
    TreeMap<Double, TreeMap<Long, Double>> map = new TreeMap<>();
    TreeSet<Long> lengths = new TreeSet<>();
    for (JsonNode row : result.path("rows")) {
      if (row.path("depth").isNumber() && row.path("accuracy").isNumber()) {
        long length = row.path("context_tokens").asLong();
        lengths.add(length);
        map.computeIfAbsent(row.get("depth").asDouble(), depth -> new TreeMap<>())
            .put(length, row.get("accuracy").asDouble());
      }
    }
    return map.isEmpty() ? List.of() : List.of(html(map, lengths));
  }

  private static String html(TreeMap<Double, TreeMap<Long, Double>> map, TreeSet<Long> lengths) {
    StringBuilder html = new StringBuilder();
    html.append("<figure>\n<figcaption>Passkeys found, by context length and depth</figcaption>\n");
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

  private static String cell(Double accuracy) {
    return accuracy == null
        ? "<td></td>"
        : String.format(
            Locale.ROOT, "<td style=\"--share: %.3f\">%s</td>", accuracy, percent(accuracy));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }
}
