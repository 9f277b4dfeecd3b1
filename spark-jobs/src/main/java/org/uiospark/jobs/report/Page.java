package org.uiospark.jobs.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Properties;

/**
 * The document around what a run left: styles, and the script that draws the charts with uPlot. All
 * of it stands in the page. Its policy lets a browser run that script alone, and ask no host for
 * anything.
 */
final class Page {
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/%s/%s";
  private static final String UPLOT_MAVEN = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>%s</title>
      <style>
      %s</style>
      </head>
      <body>
      %s
      <script>%s</script>
      </body>
      </html>
      """;

  private Page() {}

  /**
   * The whole page.
   *
   * @param title plain text
   * @param body HTML
   */
  static String html(String title, String body) {
    String script =
        "/*\n"
            + uplot("LICENSE").strip()
            + "\n*/\n"
            + uplot("dist/uPlot.iife.min.js")
            + "\n"
            + text("charts.js");
    return String.format(
        Locale.ROOT,
        FRAME,
        sha256(script),
        Html.escape(title),
        uplot("dist/uPlot.min.css") + "\n" + Theme.css() + text("page.css"),
        body,
        script);
  }

  /** A file of the uPlot on the class path, whose folder has its version. */
  private static String uplot(String file) {
    Properties maven = new Properties();
    try (InputStream properties = open(UPLOT_MAVEN)) {
      maven.load(properties);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text(String.format(Locale.ROOT, UPLOT, maven.getProperty("version"), file));
  }

  /** A browser ends lines with a line feed before it takes the sum of a script. */
  private static String text(String resource) {
    try (InputStream file = open(resource)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream file = Page.class.getResourceAsStream(resource);
    if (file == null) {
      throw new IOException(resource + " is not on the class path");
    }
    return file;
  }

  private static String sha256(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
