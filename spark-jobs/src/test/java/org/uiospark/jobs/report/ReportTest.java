package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.text.StringEscapeUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
import org.uiospark.model.input.InputJson;
import org.uiospark.model.input.InvalidInputException;

class ReportTest {
  @TempDir Path folder;

  private String page() throws IOException {
    return Files.readString(folder.resolve("report.html"));
  }

  @Test
  void showsEverythingThatTheFolderHolds() throws IOException {
    Report.write(SampleRun.all(folder));

    assertThat(page())
        .contains("<h2>Training</h2>", "alt=\"Chart: Loss\"", "alt=\"Chart: Learning rate\"")
        .contains("alt=\"Chart: Gradient norm, before clipping\"", "alt=\"Chart: Speed\"")
        .contains("<th>last step</th><td>1,200</td>", "<th>tokens read</th><td>4,915,200</td>")
        .contains("<th>with memory</th><th>without memory</th><th>native window</th><th>gain</th>")
        .contains("alt=\"Chart: Perplexity of the same tokens by memory behind them\"")
        .contains("<h2>Auto-encoding</h2>")
        .contains("<th>with memory accuracy</th><td>0.9125</td>")
        .contains("<th>with memory accuracy interval</th><td>[0.9, 0.925]</td>")
        .contains("<th>without memory accuracy</th><td>0.3375</td>")
        .contains(
            "<figcaption>passkey, with memory: right answers by length and depth</figcaption>",
            "<figcaption>passkey, base alone, what its window holds: right answers",
            "<th>memory</th><th>base</th>")
        .contains("<th>depth</th><th>512</th><th>1,024</th>")
        .contains("<th>relative bias</th>", "<td>unbiased</td><td>1</td><td>1.004</td>")
        .contains("<th>seed</th><td>7</td>", "<td>0a1b2c3d4e5f</td>")
        .contains("<th>spark version</th><td>4.1.1</td>");
  }

  @Test
  void aTableHasTheGainInPercentAndIntervalsSmallBesideTheirFigures() throws IOException {
    Report.write(SampleRun.all(folder));

    assertThat(page())
        .contains("<td>26.4 <small>[25.6, 27.2]</small></td><td>30.9 <small>[30.0, 31.8]</small>")
        .contains("<td>14.56% <small>[13.39, 15.72]</small></td>")
        // Of the figure before it, though it has no name or another one.
        .contains("<td>28.6 <small>[26.9, 30.4]</small></td>")
        .contains("<td>0.0838 <small>[0.0712, 0.0964]</small></td>")
        .doesNotContain("interval</th><th>", "<th>interval</th>");
  }

  @Test
  void settingsAreFolded() throws IOException {
    Report.write(SampleRun.all(folder));

    assertThat(page())
        .containsPattern("(?s)<details>\\n<summary>Trained with</summary>.*<th>seed</th>")
        .containsPattern("(?s)<details>\\n<summary>Evaluated with</summary>.*settings model</th>")
        .doesNotContain("<details open");
  }

  /** The policy names the one script by its sum, and no host. */
  @Test
  void thePageRunsItsOwnScriptAloneAndAsksNoHostForAnything() throws Exception {
    Report.write(SampleRun.all(folder));

    String page = page();
    String script = page.substring(page.indexOf("<script>") + 8, page.indexOf("</script>"));
    byte[] sum =
        MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
    assertThat(page)
        .contains(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src"
                + " data:; style-src 'unsafe-inline'; script-src 'sha256-"
                + Base64.getEncoder().encodeToString(sum)
                + "'; base-uri 'none'; form-action 'none'\">")
        .containsOnlyOnce("<script");
    assertThat(script).contains("The MIT License (MIT)", "Copyright (c) 2022 Leon Sorokin");
    assertThat(page.replace(script, "")).doesNotContain("http://", "https://", "@import", "url(");
  }

  /** The text of a chart is outlines, so its digits are compared as such. */
  @Test
  void chartsHaveTheSameDigitsInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.ROOT);
      Report.write(SampleRun.all(folder));
      String page = page();
      for (String tag : List.of("ar-EG", "fa-IR", "de-DE", "hi-IN-u-nu-deva", "tr-TR")) {
        Locale.setDefault(Locale.forLanguageTag(tag));
        Report.write(SampleRun.all(folder));
        assertThat(page()).as(tag).isEqualTo(page);
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void textOfARunIsNeverMarkup() throws IOException {
    Report.write(SampleRun.training(folder, 60));

    assertThat(page()).contains("<td>books &lt;&amp;&gt; &quot;more&quot;</td>");
  }

  @Test
  void linesThatAreTornOrNotFiniteArePassedOver() throws IOException {
    OutputFolder run = SampleRun.training(folder, 60);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        "{\"step\":61,\"loss\":\"NaN\"}\n{\"step\":62,\"lo",
        StandardOpenOption.APPEND);

    Report.write(run);

    assertThat(page()).contains("<th>last step</th><td>60</td>");
  }

  @Test
  void aFolderWithNothingIsRefusedAndNeverFailsARun() {
    OutputFolder empty = OutputFolder.of(folder.toString(), new Configuration());

    assertThatThrownBy(() -> Report.write(empty))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("holds nothing to report; name the output of train or evaluate");
    assertThatCode(() -> Report.writeAfterRun(empty)).doesNotThrowAnyException();
  }

  @Test
  void aLongRunKeepsThePageSmall() throws IOException {
    Report.write(SampleRun.training(folder, 40_000));

    assertThat(Files.size(folder.resolve("report.html"))).isLessThan(3_000_000);
    List<JsonNode> charts = charts();
    assertThat(charts).hasSize(4);
    for (JsonNode chart : charts) {
      for (JsonNode line : chart.get("lines")) {
        assertThat(line.get("x")).hasSizeBetween(1, Line.POINTS);
        assertThat(line.get("y")).hasSameSizeAs(line.get("x"));
      }
    }
  }

  /** A learning rate that is small is drawn as it is, and so is one that changes little. */
  @Test
  void aLearningRateHasItsOwnNumbers() throws IOException {
    SampleRun.training(folder, 12);
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        "{\"step\":1,\"loss\":3,\"lr\":2.5e-7}\n{\"step\":2,\"loss\":3,\"lr\":2.4999e-7}\n");

    Report.write(OutputFolder.of(folder.toString(), new Configuration()));

    JsonNode rate = charts().get(1);
    assertThat(rate.get("y").asText()).isEqualTo("learning rate");
    assertThat(rate.get("lines").get(0).get("y"))
        .extracting(JsonNode::asDouble)
        .containsExactly(2.5e-7, 2.4999e-7);
  }

  /** The values that the script draws. */
  private List<JsonNode> charts() throws IOException {
    return Pattern.compile("data-chart=\"([^\"]*)\"")
        .matcher(page())
        .results()
        .map(found -> StringEscapeUtils.unescapeHtml4(found.group(1)))
        .map(json -> InputJson.object("chart", json.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }
}
