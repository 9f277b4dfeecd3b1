package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InputJson;

class ResultTableTest {

  @Test
  void anIntervalStandsWithItsOwnFigureOrInAColumnOfItsOwn() {
    assertThat(html("{\"f1\": 0.5, \"n\": 3, \"f1_interval\": {\"low\": 0.25, \"high\": 1}}"))
        .contains("<tr><th>f1</th><th>n</th></tr>")
        .contains("<td>0.50 <small>[0.25, 1.00]</small></td><td>3</td>");
    assertThat(html("{\"saved_nats\": 2, \"saved_interval\": {\"low\": 1, \"high\": 3}}"))
        .contains("<td>2 <small>[1, 3]</small></td>");
    assertThat(html("{\"window\": 2, \"truncated_interval\": {\"low\": 1, \"high\": 3}}"))
        .contains("<th>window</th><th>truncated interval</th>", "<td>2</td><td>[1, 3]</td>");
    assertThat(html("{\"interval\": {\"low\": 1, \"high\": 3}}"))
        .contains("<th>interval</th>", "<td>[1, 3]</td>");
    assertThat(html("{\"save\": 2, \"save_interval\": 50}")).contains("<td>2</td><td>50</td>");
  }

  @Test
  void figuresOfAColumnHaveAsManyDecimalsAsTheLongestNeeds() {
    assertThat(html("{\"v\": 26.4}, {\"v\": 31.256}, {\"v\": 31}"))
        .contains("<td>26.40</td>", "<td>31.26</td>", "<td>31.00</td>");
    assertThat(html("{\"v\": 128}, {\"v\": 32768}")).contains("<td>128</td>", "<td>32,768</td>");
  }

  @Test
  void aFigureIsNeverRoundedToNothing() {
    assertThat(html("{\"v\": 0.62}, {\"v\": 1e-7}, {\"v\": 0}, {\"v\": 1e300}, {\"v\": 1e999}"))
        .contains("<td>1E-7</td>", "<td>0.62</td>", "<td>1E+300</td>", "<td>Infinity</td>");
  }

  @Test
  void textIsEscapedAndWhatIsAbsentIsEmpty() {
    assertThat(html("{\"name\": \"<b>&\", \"v\": null}, {\"v\": 1}"))
        .contains("<td>&lt;b&gt;&amp;</td><td></td>", "<td></td><td>1</td>");
  }

  private static String html(String records) {
    String json = "{\"rows\": [" + records + "]}";
    return ResultTable.html(
        InputJson.object("result", json.getBytes(StandardCharsets.UTF_8)).get("rows"));
  }
}
