package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.uiospark.data.storage.OutputFolder;
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
        .contains("<th>with memory</th><th>without memory</th><th>native window</th>")
        .contains("<td>26.4 [25.6, 27.2]</td><td>30.9 [30, 31.8]</td>")
        .contains("alt=\"Chart: Perplexity of the same tokens by memory behind them\"")
        .contains("<h2>Auto-encoding</h2>")
        .contains("<th>with memory accuracy</th><td>0.9125</td>")
        .contains("<th>with memory accuracy interval</th><td>[0.9, 0.925]</td>")
        .contains("<th>without memory accuracy</th><td>0.3375</td>")
        .contains("<th>depth</th><th>512</th><th>1,024</th>")
        .contains("<th>relative bias</th>", "<td>unbiased</td><td>1</td><td>1.004</td>")
        .contains("<th>seed</th><td>7</td>", "<td>0a1b2c3d4e5f</td>")
        .contains("<th>spark version</th><td>4.1.1</td>")
        .doesNotContain("http://", "https://", "<script");
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
  }
}
