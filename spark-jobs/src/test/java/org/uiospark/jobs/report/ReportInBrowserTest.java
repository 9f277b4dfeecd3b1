package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.commons.text.StringEscapeUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.jobs.report.Browser.Loaded;
import org.uiospark.jobs.report.Browser.Scheme;
import org.uiospark.model.input.InputJson;

/** Opens the page in Chromium; leaves pictures of it in {@code target/report}, to be looked at. */
@Tag("cluster")
class ReportInBrowserTest {
  private static final int CHARTS = 6;

  /** Goes into a copy of the page, which has no script of its own. */
  private static final String PROBE =
      """
      <script>addEventListener("load", () => {
        const seen = {
          images: [...document.images].map(i => ({ width: i.naturalWidth, height: i.naturalHeight,
            shown: i.clientWidth, light: i.currentSrc === i.src, overflow: i.getBoundingClientRect().right > innerWidth })),
          requested: performance.getEntriesByType("resource").map(r => r.name).filter(n => !n.startsWith("data:")),
          dark: matchMedia("(prefers-color-scheme: dark)").matches,
          ground: getComputedStyle(document.body).backgroundColor,
          sideways: document.documentElement.scrollWidth > innerWidth };
        const out = document.createElement("pre");
        out.id = "seen";
        out.textContent = JSON.stringify(seen);
        document.body.append(out);
      });</script>
      </body>""";

  @TempDir Path folder;
  private Browser browser;
  private Path page;

  @BeforeEach
  void open() throws Exception {
    Optional<Path> program = Browser.onThePath();
    assumeTrue(
        program.isPresent(), "no Chromium on the PATH: report.html was not opened in a browser");
    browser = new Browser(program.get(), Files.createDirectories(folder.resolve("browser")));
    Path run = Files.createDirectories(folder.resolve("run"));
    Report.write(SampleRun.all(run));
    page = run.resolve(Report.NAME);
  }

  @Test
  void everyChartIsShownInLightAndDarkWithoutAnErrorOrARequest() throws Exception {
    JsonNode light = look(Scheme.LIGHT);
    JsonNode dark = look(Scheme.DARK);

    assertThat(light.get("dark").asBoolean()).isFalse();
    assertThat(dark.get("dark").asBoolean()).isTrue();
    assertThat(dark.get("ground")).isNotEqualTo(light.get("ground"));
    for (JsonNode image : light.get("images")) {
      assertThat(image.get("light").asBoolean()).isTrue();
    }
    for (JsonNode image : dark.get("images")) {
      assertThat(image.get("light").asBoolean()).isFalse();
    }
  }

  private JsonNode look(Scheme scheme) throws Exception {
    assertThat(browser.open(page, scheme).console()).isEmpty();
    String html = Files.readString(page).replace("</body>", PROBE);
    Path probed = Files.writeString(folder.resolve("probed.html"), html);
    Loaded loaded = browser.open(probed, scheme);
    assertThat(loaded.console()).isEmpty();
    String dom = loaded.dom();
    int from = dom.indexOf("<pre id=\"seen\">") + "<pre id=\"seen\">".length();
    String json = StringEscapeUtils.unescapeHtml4(dom.substring(from, dom.indexOf("</pre>", from)));
    JsonNode seen = InputJson.object("probe", json.getBytes(StandardCharsets.UTF_8));
    assertThat(seen.get("images")).hasSize(CHARTS);
    for (JsonNode image : seen.get("images")) {
      assertThat(image.get("width").asInt()).isEqualTo(Picture.WIDTH);
      assertThat(image.get("height").asInt()).isEqualTo(Picture.HEIGHT);
      assertThat(image.get("shown").asInt()).isPositive();
      assertThat(image.get("overflow").asBoolean()).isFalse();
    }
    assertThat(seen.get("requested")).isEmpty();
    assertThat(seen.get("sideways").asBoolean()).isFalse();
    return seen;
  }

  @Test
  void picturesOfThePageAreLightAndDark() throws Exception {
    Path pictures = Files.createDirectories(Path.of("target", "report"));
    Path light = pictures.resolve("light.png").toAbsolutePath();
    Path dark = pictures.resolve("dark.png").toAbsolutePath();

    browser.photograph(page, Scheme.LIGHT, 1600, 3400, light);
    browser.photograph(page, Scheme.DARK, 1600, 3400, dark);

    assertThat(ImageIO.read(light.toFile()).getRGB(2, 2)).isEqualTo(0xFFFFFFFF);
    assertThat(ImageIO.read(dark.toFile()).getRGB(2, 2)).isEqualTo(0xFF0D1117);
  }
}
