package org.uiospark.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.uiospark.model.input.InputJson;

class ResultFieldsTest {

  @Test
  void equalNamesInTwoObjectsStayApart() {
    ResultFields fields =
        ResultFields.of(json("{\"with\": {\"deep\": {\"f1\": 1}}, \"without\": {\"f1\": 2}}"));

    assertThat(fields.single()).containsOnlyKeys("with deep f1", "without f1");
  }

  @Test
  void anIntervalIsOneValueAndAListOfRecordsATable() {
    ResultFields fields =
        ResultFields.of(
            json(
                "{\"f1_interval\": {\"low\": 1, \"high\": 2}, \"lengths\": [3, 4],"
                    + " \"rows\": [{\"f1\": 1}], \"run\": {\"rows\": [{\"f1\": 2}], \"none\": {}}}"));

    assertThat(fields.single()).containsOnlyKeys("f1_interval", "lengths");
    assertThat(fields.tables()).containsOnlyKeys("rows", "run rows");
  }

  private static JsonNode json(String text) {
    return InputJson.object("result", text.getBytes(StandardCharsets.UTF_8));
  }
}
