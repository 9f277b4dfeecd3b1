package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.jobs.report.BrowserTab.Scheme;
import org.uiospark.jobs.results.ResultFile;
import org.uiospark.model.input.InputJson;

/**
 * Opens the page in Chromium, where one is installed; leaves pictures of it in {@code
 * target/report}, to be looked at.
 */
@Tag("cluster")
class ReportInBrowserTest {
  private static final int CHARTS = 6;
  private static final int WIDE = 1400;
  private static final int NARROW = 400;

  /** Where things stand, and which of them reach out of the window. */
  private static final String LAYOUT =
      """
      {
        const charts = [...document.querySelectorAll("[data-chart]")].slice(0, 2)
          .map(chart => chart.getBoundingClientRect());
        return {
          drawn: [...document.querySelectorAll(".uplot canvas")].filter(c => c.clientWidth > 0).length,
          images: [...document.images].filter(i => i.clientWidth > 0 && i.naturalWidth > 0).length,
          beside: charts[0].top === charts[1].top && charts[0].right < charts[1].left,
          below: charts[0].bottom < charts[1].top && charts[0].left === charts[1].left,
          sideways: document.documentElement.scrollWidth > innerWidth,
          outside: [...document.querySelectorAll("figure, figure *, h1, h2, p, details, .wide, .facts")]
            .filter(e => !e.closest("table.heat") && e.getBoundingClientRect().right > innerWidth)
            .map(e => e.outerHTML.slice(0, 100)),
          ground: getComputedStyle(document.body).backgroundColor,
          marker: getComputedStyle(document.querySelector(".u-marker") ?? document.body).borderColor };
      }""";

  private static Browser browser;

  @TempDir Path folder;
  private BrowserTab tab;

  @BeforeAll
  static void start(@TempDir Path profile) throws Exception {
    Optional<Path> program = Browser.onThePath();
    assumeTrue(
        program.isPresent(),
        "Skipped: no Chromium on the PATH; install one (Debian: apt-get install chromium) to run"
            + " this test");
    browser = Browser.start(program.get(), profile);
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void openTab() throws Exception {
    tab = BrowserTab.of(browser);
  }

  @AfterEach
  void closeTab() {
    tab.close();
  }

  private void open(OutputFolder run, Scheme scheme, int width) throws Exception {
    Report.write(run);
    Path page = folder.resolve(Report.NAME);
    tab.open(page, scheme, width);
    assertThat(tab.complaints()).isEmpty();
    assertThat(tab.requests()).containsExactly(page.toUri().toString());
  }

  @ParameterizedTest
  @CsvSource({"LIGHT, 1400", "DARK, 1400", "LIGHT, 400", "DARK, 400"})
  void everyChartIsDrawnAndFitsTheWindow(Scheme scheme, int width) throws Exception {
    open(SampleRun.all(folder), scheme, width);

    JsonNode seen = tab.see(LAYOUT);

    assertDrawnAndFitting(seen);
    assertThat(seen.get("beside").asBoolean()).isEqualTo(width == WIDE);
    assertThat(seen.get("below").asBoolean()).isEqualTo(width == NARROW);
    tab.see("{ document.querySelectorAll('details').forEach(fold => { fold.open = true; }); }");
    JsonNode unfolded = tab.see(LAYOUT);
    assertThat(unfolded.get("sideways").asBoolean()).isFalse();
    assertThat(unfolded.get("outside")).isEmpty();
    byte[] picture = tab.photograph();
    assertThat(ImageIO.read(new ByteArrayInputStream(picture)).getRGB(2, 2))
        .isEqualTo(scheme == Scheme.DARK ? 0xFF0D1117 : 0xFFFFFFFF);
    String name =
        String.format(Locale.ROOT, "%s-%d.png", scheme.name().toLowerCase(Locale.ROOT), width);
    Files.write(Files.createDirectories(Path.of("target", "report")).resolve(name), picture);
  }

  private static void assertDrawnAndFitting(JsonNode seen) {
    assertThat(seen.get("drawn").asInt()).isEqualTo(CHARTS);
    assertThat(seen.get("images").asInt()).isZero();
    assertThat(seen.get("sideways").asBoolean()).isFalse();
    assertThat(seen.get("outside")).isEmpty();
  }

  @Test
  void anOpenPageFollowsTheWindowAndTheColoursOfTheSystem() throws Exception {
    open(SampleRun.all(folder), Scheme.LIGHT, WIDE);
    JsonNode light = tab.see(LAYOUT);

    tab.resize(NARROW, 900);
    tab.prefer(Scheme.DARK);
    JsonNode dark = tab.see(LAYOUT);

    assertDrawnAndFitting(dark);
    assertThat(dark.get("below").asBoolean()).isTrue();
    assertThat(dark.get("ground")).isNotEqualTo(light.get("ground"));
    assertThat(dark.get("marker")).isNotEqualTo(light.get("marker"));
    assertThat(tab.complaints()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1400", "400"})
  void hoveringShowsTheStepAndItsValue(int width) throws Exception {
    int steps = 60;
    open(SampleRun.training(folder, steps), Scheme.LIGHT, width);
    String[] lines =
        Files.readString(folder.resolve("metrics.jsonl")).lines().toArray(String[]::new);

    for (int step : new int[] {1, 7, 30, 60}) {
      JsonNode metrics =
          InputJson.object("metrics", lines[step - 1].getBytes(StandardCharsets.UTF_8));
      double share = (step - 1.0) / (steps - 1);

      assertThat(shown("Learning rate", share, "step")).isEqualTo(String.valueOf(step));
      assertThat(Double.parseDouble(shown("Learning rate", share, "Learning rate")))
          .isCloseTo(metrics.get("lr").asDouble(), within(1e-4 * metrics.get("lr").asDouble()));
      assertThat(Double.parseDouble(shown("Loss", share, "training, mean of 3 steps")))
          .isPositive();
      assertThat(Double.parseDouble(shown("Loss", share, "training")))
          .isCloseTo(metrics.get("loss").asDouble(), within(1e-3));
    }
    // Of the held-out loss, which few steps have, the nearest.
    assertThat(shown("Loss", 10.0 / 59, "held-out")).endsWith(" at 10");
    assertThat(shown("Loss", 9.0 / 59, "held-out")).doesNotContain("at");
    tab.hover(1, 1);
    assertThat(valueUnder("Loss", "training")).isEmpty();
  }

  @Test
  void hoveringShowsTheIntervalOfAPerplexity() throws Exception {
    open(SampleRun.all(folder), Scheme.LIGHT, NARROW);

    // Four lengths at even distances: the last in the middle of the last quarter.
    String chart = "Perplexity by context length";
    assertThat(shown(chart, 0.875, "context, tokens")).isEqualTo("32,768");
    assertThat(shown(chart, 0.875, "with memory")).isEqualTo("26.1 [25.2, 27.1]");
    assertThat(shown(chart, 0.125, "native window")).isEqualTo("31.2 [29.4, 33]");
  }

  /** Moves the mouse into a chart, to a share of its width, and reads the value of a line. */
  private String shown(String caption, double share, String line) throws Exception {
    JsonNode at =
        tab.see(
            "{ const over = "
                + figure(caption)
                + ".querySelector('.u-over'); over.scrollIntoView({ block: 'center' });"
                + " const box = over.getBoundingClientRect();"
                + " return { x: box.x, y: box.y, width: box.width, height: box.height }; }");
    double inside =
        Math.max(1, Math.min(at.get("width").asDouble() - 1, share * at.get("width").asDouble()));
    tab.hover(
        at.get("x").asDouble() + inside, at.get("y").asDouble() + at.get("height").asDouble() / 2);
    return valueUnder(caption, line);
  }

  private String valueUnder(String caption, String line) throws IOException, InterruptedException {
    return tab.see(
            "{ const row = [..."
                + figure(caption)
                + ".querySelectorAll('.u-series')].find(r => r.querySelector('.u-label').innerText === '"
                + line
                + "'); return row.querySelector('.u-value').innerText; }")
        .asText();
  }

  private static String figure(String caption) {
    return "[...document.querySelectorAll('figure')].find(f =>"
        + " f.querySelector('figcaption').innerText === '"
        + caption
        + "')";
  }

  @ParameterizedTest
  @CsvSource({"1400", "400"})
  void picturesStandWhereScriptsAreOff(int width) throws Exception {
    tab.withoutScripts();
    open(SampleRun.all(folder), Scheme.LIGHT, width);

    JsonNode seen = tab.see(LAYOUT);

    assertThat(seen.get("images").asInt()).isEqualTo(CHARTS);
    assertThat(seen.get("drawn").asInt()).isZero();
    assertThat(seen.get("sideways").asBoolean()).isFalse();
    assertThat(seen.get("beside").asBoolean()).isEqualTo(width == WIDE);
  }

  @Test
  void textOfAResultIsShownAndNeverRun() throws Exception {
    OutputFolder run = SampleRun.all(folder);
    String hostile = "</script>\"'><img src=x onerror=document.title='taken'>";
    Path result = folder.resolve(ResultFile.PERPLEXITY);
    String json =
        Files.readString(result).replace("32768", '"' + hostile.replace("\"", "\\\"") + '"');
    Files.writeString(result, json);

    open(run, Scheme.LIGHT, WIDE);

    assertThat(shown("Perplexity by context length", 0.875, "context, tokens")).isEqualTo(hostile);
    assertThat(tab.see("{ return document.title; }").asText()).doesNotContain("taken");
    assertThat(tab.complaints()).isEmpty();
  }
}
