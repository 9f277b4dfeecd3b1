package org.uiospark.jobs.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.text.StringEscapeUtils;

/** Pieces of the page; plain text goes in, and comes out escaped. */
final class Html {
  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>%s</title>
      <style>
      :root { --text: #1f2328; --quiet: #59636e; --ground: #fff; --line: #d1d9e0; --heat: 9 105 218; }
      @media (prefers-color-scheme: dark) {
        :root { --text: #e6edf3; --quiet: #9198a1; --ground: #0d1117; --line: #3d444d; --heat: 56 139 253; }
      }
      body { margin: 2rem auto; max-width: 94rem; padding: 0 1.5rem; color: var(--text);
        background: var(--ground); font: 16px/1.5 system-ui, sans-serif; }
      h1 { font-size: 1.6rem; margin-bottom: 0; overflow-wrap: anywhere; }
      h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
      .quiet { color: var(--quiet); margin-top: 0; }
      .figures { display: flex; flex-wrap: wrap; gap: 1.5rem; }
      figure { margin: 1rem 0; max-width: 100%%; }
      figcaption { font-weight: 600; }
      img { max-width: 100%%; height: auto; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; margin: 1rem 0; }
      th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right;
        font-variant-numeric: tabular-nums; }
      th { font-weight: 600; vertical-align: bottom; }
      .facts th, .facts td { text-align: left; vertical-align: top; overflow-wrap: anywhere; }
      .facts th { white-space: nowrap; font-weight: 400; color: var(--quiet); }
      .heat td { background: rgb(var(--heat) / calc(var(--share) * 55%%)); min-width: 4rem; text-align: center; }
      </style>
      </head>
      <body>
      %s
      </body>
      </html>
      """;

  private Html() {}

  static String escape(String text) {
    return StringEscapeUtils.escapeHtml4(text);
  }

  /** The whole page; it asks for nothing beyond itself. */
  static String page(String title, String body) {
    return String.format(Locale.ROOT, PAGE, escape(title), body);
  }

  /** A heading and what stands below it. */
  static String section(String title, String body) {
    return String.format(
        Locale.ROOT, "<section>\n<h2>%s</h2>\n%s</section>\n", escape(title), body);
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

  /** Rows of as many cells as there are heads. */
  static String table(List<String> heads, List<List<String>> rows) {
    String head = heads.stream().map(cell -> element("th", cell)).collect(Collectors.joining());
    String body =
        rows.stream()
            .map(row -> row.stream().map(cell -> element("td", cell)).collect(Collectors.joining()))
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
