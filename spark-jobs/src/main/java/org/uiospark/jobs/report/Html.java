package org.uiospark.jobs.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.text.StringEscapeUtils;

/** Pieces of the page; plain text goes in, and comes out escaped. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return StringEscapeUtils.escapeHtml4(text);
  }

  /** A heading and what stands below it. */
  static String section(String title, String body) {
    return String.format(
        Locale.ROOT, "<section>\n<h2>%s</h2>\n%s</section>\n", escape(title), body);
  }

  /** A title, and below it what is seen once it is opened; nothing of nothing. */
  static String folded(String title, String body) {
    return body.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT, "<details>\n%s\n%s</details>\n", element("summary", title), body);
  }

  static String quiet(String text) {
    return String.format(Locale.ROOT, "<p class=\"quiet\">%s</p>\n", escape(text));
  }

  /** Figures beside each other as far as the window is wide. */
  static String figures(List<String> figures) {
    return figures.isEmpty()
        ? ""
        : String.format(Locale.ROOT, "<div class=\"figures\">\n%s</div>\n", join(figures));
  }

  /**
   * Rows of as many cells as there are heads.
   *
   * @param heads plain text
   * @param rows cells as HTML
   */
  static String table(List<String> heads, List<List<String>> rows) {
    String head = heads.stream().map(cell -> element("th", cell)).collect(Collectors.joining());
    String body =
        rows.stream()
            .map(
                row ->
                    row.stream().map(cell -> "<td>" + cell + "</td>").collect(Collectors.joining()))
            .map(cells -> "<tr>" + cells + "</tr>\n")
            .collect(Collectors.joining());
    return String.format(
        Locale.ROOT, "<div class=\"wide\"><table>\n<tr>%s</tr>\n%s</table></div>\n", head, body);
  }

  /** Names and what they stand for, a line each. */
  static String facts(Map<String, String> facts) {
    return facts.isEmpty()
        ? ""
        : facts.entrySet().stream()
            .map(fact -> element("th", fact.getKey()) + element("td", fact.getValue()))
            .map(cells -> "<tr>" + cells + "</tr>\n")
            .collect(Collectors.joining("", "<table class=\"facts\">\n", "</table>\n"));
  }

  static String element(String name, String text) {
    return String.format(Locale.ROOT, "<%1$s>%2$s</%1$s>", name, escape(text));
  }

  static String join(List<String> parts) {
    return String.join("", parts);
  }
}
